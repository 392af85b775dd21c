"""What breaks the rule of `odd_arguments` and is not mended yet, by room; it may only shrink."""

KNOWN: dict[str, str] = {
    "data": """
        Batches
    """,
    "metrics": """
        Accuracy.update
    """,
    "ops": """
        Add.backward Add.forward AdditiveScore AdditiveScore.backward AdditiveScore.forward
        Attention Attention.backward Attention.forward AvgPool2D AvgPool2D.backward
        AvgPool2D.forward BatchNorm BatchNorm.backward BatchNorm.forward BiLSTM BiLSTM.forward BiSRN
        BiSRN.forward BilinearScore BilinearScore.backward BilinearScore.forward BinaryCrossEntropy
        BinaryCrossEntropy.backward BinaryCrossEntropy.forward BinaryCrossEntropy.reduce
        BinaryCrossEntropy.share Conv2D Conv2D.backward Conv2D.forward CrossEntropy
        CrossEntropy.backward CrossEntropy.forward Divide.backward Divide.forward DotScore
        DotScore.backward DotScore.forward Dropout Dropout.backward Dropout.forward Embedding
        Embedding.backward Embedding.forward Exp.backward Exp.forward Flatten Flatten.backward
        Flatten.forward GELU GELU.__call__ GELU.backward GELU.forward GELU.set_state_dict
        GlobalAvgPool2D.backward GlobalAvgPool2D.forward Graph Graph.backward Graph.forward
        Index.backward Index.forward LSTM LSTM.forward LSTMCell LSTMCell.backward LSTMCell.forward
        LayerNorm LayerNorm.backward LayerNorm.forward LeakyReLU LeakyReLU.backward
        LeakyReLU.forward Linear Linear.backward Linear.forward Log.backward Log.forward LogSoftmax
        LogSoftmax.backward LogSoftmax.forward Logistic.backward Logistic.forward MatMul.backward
        MatMul.forward MaxPool2D MaxPool2D.backward MaxPool2D.forward Mean Mean.axis_of
        Mean.backward Mean.forward MultiHeadAttention MultiHeadAttention.backward
        MultiHeadAttention.forward Multiply.backward Multiply.forward Power Power.backward
        Power.forward ReLU.backward ReLU.forward Reshape Reshape.backward Reshape.forward SRN
        SRN.forward SRNCell SRNCell.backward SRNCell.forward ScaledDotProductAttention
        ScaledDotProductAttention.backward ScaledDotProductAttention.forward Sequential
        Sequential.backward Sequential.forward Softmax Softmax.backward Softmax.forward SquaredError
        SquaredError.backward SquaredError.forward Subtract.backward Subtract.forward Sum
        Sum.backward Sum.forward Tanh.backward Tanh.forward Transpose Transpose.backward
        Transpose.forward Variable Variable.backward Variable.mean Variable.reshape Variable.sum
        apply attention_loop attention_loop_backward attention_weights_loop avg_pool2d
        avg_pool2d_backward avg_pool2d_loop avg_pool2d_loop_backward check_gradients conv2d
        conv2d_backward conv2d_loop conv2d_loop_backward correlate2d_loop lstm_loop
        lstm_loop_backward max_pool2d max_pool2d_backward max_pool2d_loop max_pool2d_loop_backward
        normalize_loop srn_loop srn_loop_backward
    """,
    "optim": """
        AdaGrad Adam AdamW Optimizer RMSprop SGD SGD.set_state_dict clip_by_global_norm
    """,
    "runner": """
        EarlyStopping LivePlot Logging RunnerV1.evaluate RunnerV1.load_model RunnerV1.predict
        RunnerV1.save_model RunnerV1.train RunnerV2.evaluate RunnerV2.train RunnerV3.evaluate
        RunnerV3.export RunnerV3.predict RunnerV3.train load_state save_state solve_least_squares
    """,
}
