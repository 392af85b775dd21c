"""What breaks the rule of `odd_arguments` and is not mended yet, by room; it may only shrink."""

KNOWN: dict[str, str] = {
    "ops": """
        AvgPool2D.forward BatchNorm BiLSTM.forward BiSRN.forward BinaryCrossEntropy Conv2D.forward
        CrossEntropy.forward Graph Index.forward LSTM LSTMCell.backward LayerNorm LeakyReLU
        MaxPool2D.forward Power Reshape SRN SRNCell.backward ScaledDotProductAttention
        Transpose.forward attention_loop_backward avg_pool2d avg_pool2d_backward avg_pool2d_loop
        avg_pool2d_loop_backward check_gradients conv2d conv2d_backward conv2d_loop
        conv2d_loop_backward correlate2d_loop lstm_loop lstm_loop_backward max_pool2d
        max_pool2d_backward max_pool2d_loop max_pool2d_loop_backward normalize_loop srn_loop
        srn_loop_backward
    """,
}
