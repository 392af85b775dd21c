"""The words of the backpropagation graph, in English and Chinese."""

from nndl.widgets.schema import Text

STRINGS: dict[str, Text] = {
    "formula": ("Formula", "公式"),
    "formula_help": (
        "Names, numbers, + − * /, brackets, and exp, log, tanh, sigmoid, relu, square.",
        "可用：变量名、数、+ − * /、括号，以及 exp、log、tanh、sigmoid、relu、square。",
    ),
    "value_of": ("Value of {name}", "{name} 的值"),
    "typed_value_of": ("Value of {name}, typed", "输入 {name} 的值"),
    "not_a_number": ("a number from −{n} to {n} is needed", "需要 −{n} 到 {n} 之间的数"),
    "step": ("Step", "步骤"),
    "aria_graph": (
        "Graph of {formula}. Left and right step, up and down choose a node.",
        "{formula} 的计算图。左右键前进后退，上下键选择节点。",
    ),
    "hint": (
        "Point at a node, or tap it, to see what it computes and hands back.",
        "指向或点按一个节点，可看它算什么、传回什么。",
    ),
    "starts": (
        "The inputs have their values. Step forward to compute.",
        "输入已有值。前进一步开始计算。",
    ),
    "turns": (
        "The way back begins: {y} changes by 1 for each unit of itself, so its gradient is 1.",
        "开始反向：{y} 对自身的导数是 1，所以它的梯度是 1。",
    ),
    "told_forwards": ("Forwards: {sum}", "前向：{sum}"),
    "told_backwards": (
        "Backwards through {name}: {list}.",
        "反向经过 {name}：{list}。",
    ),
    "gives": (
        "{source} gets {grad} · {slope} = {share}",
        "{source} 得到 {grad} · {slope} = {share}",
    ),
    "summed": (
        "{source} now has {sum}",
        "{source} 现在是 {sum}",
    ),
    "listed": ("; ", "；"),
    "node_input": ("{name} = {value}.", "{name} = {value}。"),
    "node_gradient": (
        "Gradient {sum}: {y} changes by {grad} for each unit of {name}.",
        "梯度 {sum}：{name} 每变化一个单位，{y} 变化 {grad}。",
    ),
    "rule_add": ("A sum passes the gradient to both as it is.", "加法把梯度原样传给两边。"),
    "rule_subtract": (
        "A difference passes the gradient to the first as it is, to the second with a minus.",
        "减法把梯度原样传给前者，变号传给后者。",
    ),
    "rule_multiply": (
        "A product hands each factor the gradient times the other factor.",
        "乘法把梯度乘以另一个因数传给每个因数。",
    ),
    "rule_divide": (
        "A quotient a / b hands back 1 / b to a and −a / b² to b.",
        "除法 a / b 对 a 的局部导数是 1 / b，对 b 是 −a / b²。",
    ),
    "rule_negative": ("A minus changes the sign of the gradient.", "取负使梯度变号。"),
    "rule_exp": ("The slope of exp is exp itself.", "exp 的导数是它自己。"),
    "rule_log": ("The slope of log is 1 / input.", "log 的导数是 1 / 输入。"),
    "rule_tanh": ("The slope of tanh is 1 − output².", "tanh 的导数是 1 − 输出²。"),
    "rule_sigmoid": (
        "The slope of the sigmoid is output · (1 − output).",
        "sigmoid 的导数是 输出 ·（1 − 输出）。",
    ),
    "rule_relu": (
        "The slope of relu is 1 where its input is positive, else 0.",
        "relu 的导数：输入为正时是 1，否则是 0。",
    ),
    "rule_square": ("The slope of the square is 2 · input.", "平方的导数是 2 · 输入。"),
    "input": ("Input", "输入"),
    "value": ("Value", "值"),
    "gradient": ("Gradient", "梯度"),
    "measured": ("Measured slope", "实测斜率"),
    "measured_how": (
        "Measured: the input is pushed by 0.001 both ways, and the change of {y} divided by 0.002.",
        "实测：把输入向两边各推 0.001，用 {y} 的变化除以 0.002。",
    ),
    "problem": ("{name} = {sum} has no value: {why}.", "{name} = {sum} 没有值：{why}。"),
    "why_log": ("the logarithm needs a positive number", "对数的输入须为正数"),
    "why_zero": ("division by zero", "除数为零"),
    "why_large": ("the number is too large", "数太大了"),
    "question": (
        "What is the gradient of {y} with respect to each input? Two digits are enough.",
        "{y} 对每个输入的梯度是多少？两位有效数字即可。",
    ),
    "need_numbers": ("Enter a number in each field.", "请在每一格里输入一个数。"),
    "reason": ("The gradients are {list}.", "梯度是 {list}。"),
    "comma": (", ", "，"),
}
