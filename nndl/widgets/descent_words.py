"""The words of the descent explorer, in English and Chinese."""

from nndl.widgets.schema import Text

METHODS: dict[str, Text] = {
    "closed": ("closed form (V1)", "解析解（V1）"),
    "all": ("all samples (V2)", "全部样本（V2）"),
    "batches": ("mini-batches (V3)", "小批量（V3）"),
}
# what becomes of the loss in the long run; the order is that of the answers to the question
OUTLOOKS: dict[str, Text] = {
    "once": ("at the minimum after one step", "一步就到最小值"),
    "smooth": ("falls to the minimum, no swinging", "降到最小值，不振荡"),
    "swings": ("falls to the minimum, path swings", "振荡着降到最小值"),
    "hovers": ("falls, then hovers above the minimum", "下降，然后在最小值之上徘徊"),
    "circles": ("neither falls nor grows for good", "既不收敛，也不发散"),
    "diverges": ("grows without bound", "无限增大"),
}

STRINGS: dict[str, Text] = {f"outlook_{name}": words for name, words in OUTLOOKS.items()} | {
    "png": ("Save as PNG", "存为 PNG"),
    # why some controls are not there
    "idle_closed": (
        "The closed form has no start, learning rate, momentum, batches or steps: it solves one "
        "system of equations.",
        "解析解不需要起点、学习率、动量、小批量和步数：它只解一个方程组。",
    ),
    "idle_all": (
        "Each step takes all {n} samples, so there is no batch size and no order to draw.",
        "每一步都用全部 {n} 个样本，所以没有批量大小，也不必抽取顺序。",
    ),
    "idle_whole": (
        "One batch holds all {n} samples: the order makes no difference.",
        "一个批次就含全部 {n} 个样本：顺序没有影响。",
    ),
    # above and below the pictures
    "plane": (
        "Training loss over w and b: tap to place the start",
        "训练损失随 w、b 的变化：点击可放置起点",
    ),
    "plane_closed": ("Training loss over w and b", "训练损失随 w、b 的变化"),
    "data": ("Data and the line y = wx + b", "数据与直线 y = wx + b"),
    "data_standard": (
        "Data, y = wz + b, z = (x − {m}) / {s}",
        "数据，y = wz + b，z = (x − {m}) / {s}",
    ),
    "curves_closed": ("Loss of the solution (log scale)", "解的损失（对数坐标）"),
    "curves": ("Loss after each step (log scale)", "每一步之后的损失（对数坐标）"),
    "legend_contour": ("equal training loss", "等高线：训练损失相等"),
    "legend_start": ("start", "起点"),
    "legend_path": ("path so far", "已走的路径"),
    "legend_here": ("current (w, b)", "当前 (w, b)"),
    "legend_closed": ("minimum, closed form", "最小值（解析解）"),
    "legend_dev": ("minimum on the development set", "验证集上的最小值"),
    "legend_full": ("−gradient, all samples", "负梯度（全部样本）"),
    "legend_batch": ("−gradient, next mini-batch", "负梯度（下一个小批量）"),
    "legend_arrow": ("The arrow shows the direction only.", "箭头只表示方向。"),
    "legend_arrows": (
        "Arrows: the longer one always has the same length, the other is to scale.",
        "箭头：较长的长度固定，另一个按比例。",
    ),
    "legend_train": ("training set", "训练集"),
    "legend_devset": ("development set", "验证集"),
    "legend_used": ("in the next step's gradient, with residual", "参与下一步梯度，并画出残差"),
    "legend_residual": ("in the solution, with residual", "参与求解，并画出残差"),
    "legend_floor": ("closed form, training", "解析解的训练损失"),
    "outside_plane": ("outside the picture", "在图外"),
    "aria_plane": (
        "Plane of w and b with contour lines of the training loss. {now} Arrow keys move the "
        "start, with Shift by more.",
        "w 和 b 的平面，画有训练损失的等高线。{now} 方向键移动起点，按住 Shift 移动更多。",
    ),
    "aria_plane_closed": (
        "Plane of w and b with contour lines of the training loss. {now}",
        "w 和 b 的平面，画有训练损失的等高线。{now}",
    ),
    "aria_data": (
        "{n} training points, {m} development points, and the line with w = {w} and b = {b}.",
        "{n} 个训练点、{m} 个验证点，以及 w = {w}、b = {b} 的直线。",
    ),
    "aria_curves": (
        "Loss from step 0 to {k}: training from {a} to {z}, development from {c} to {d}; closed "
        "form {f}. Arrow keys move the step.",
        "第 0 步到第 {k} 步的损失：训练集从 {a} 到 {z}，验证集从 {c} 到 {d}；解析解为 {f}。"
        "方向键移动步数。",
    ),
    "aria_curves_closed": (
        "Loss of the closed form: training {f}, development {d}.",
        "解析解的损失：训练集 {f}，验证集 {d}。",
    ),
    "no_start": ("The closed form needs no start.", "解析解不需要起点。"),
    # the sentence of the moment
    "now": (
        "Step {t}, {epoch}: w = {w}, b = {b}, training loss {train}, development loss {dev}.",
        "第 {t} 步，{epoch}：w = {w}，b = {b}，训练损失 {train}，验证损失 {dev}。",
    ),
    "now_closed": (
        "Solved at once: w = {w}, b = {b}, training loss {train}, development loss {dev}.",
        "一次解出：w = {w}，b = {b}，训练损失 {train}，验证损失 {dev}。",
    ),
    "now_secret": (
        "Start: w = {w}, b = {b}, training loss {train}. What comes next is hidden until you have "
        "guessed.",
        "起点：w = {w}，b = {b}，训练损失 {train}。先猜，再看后面的路径。",
    ),
    "now_secret_closed": (
        "What comes is hidden until you have guessed.",
        "先猜，再看结果。",
    ),
    "now_outside": (" This point lies outside the picture.", "这个点在图外。"),
    "epoch_all": ("epoch {e}", "第 {e} 轮"),
    "epoch_none": ("before the first epoch", "第 1 轮之前"),
    "epoch_batches": ("epoch {e}, batch {k} of {n}", "第 {e} 轮，第 {k} / {n} 个批次"),
    # facts
    "loss": ("Loss", "损失"),
    "loss_words": (
        "mean of (wx + b − y)² over the samples, without a factor ½ (as nndl.ops.SquaredError)",
        "(wx + b − y)² 对样本取平均，不带系数 ½（与 nndl.ops.SquaredError 相同）",
    ),
    "loss_standard": (
        "mean of (wz + b − y)² over the samples, without a factor ½ (as nndl.ops.SquaredError)",
        "(wz + b − y)² 对样本取平均，不带系数 ½（与 nndl.ops.SquaredError 相同）",
    ),
    "gradient": ("Gradient", "梯度"),
    "gradient_all": ("norm {g}", "范数 {g}"),
    "gradient_batch": (
        "norm {g}; of the next mini-batch {h}, {a}° off",
        "范数 {g}；下一个小批量的为 {h}，方向相差 {a}°",
    ),
    "gradient_batch_zero": (
        "norm {g}; of the next mini-batch {h}",
        "范数 {g}；下一个小批量的为 {h}",
    ),
    "hessian": ("Hessian", "海森矩阵"),
    "hessian_words": (
        "eigenvalues {a} and {b}, condition number {k}: {valley}",
        "特征值 {a} 和 {b}，条件数 {k}：{valley}",
    ),
    "valley_long": ("a long valley", "狭长的山谷"),
    "valley_round": ("a round bowl", "圆形的碗"),
    "limit": ("Largest stable rate", "最大稳定学习率"),
    "limit_plain": ("2 / λmax = 2 / {l} = {r}; chosen: {h}", "2 / λmax = 2 / {l} = {r}；当前：{h}"),
    "limit_momentum": (
        "2 (1 + m) / λmax = 2 · {m} / {l} = {r}; chosen: {h}",
        "2 (1 + m) / λmax = 2 · {m} / {l} = {r}；当前：{h}",
    ),
    "limit_for_all": (
        " (for the gradient of all samples; a mini-batch can be steeper)",
        "（对全部样本的梯度而言；小批量可能更陡）",
    ),
    "verdict": ("In the long run", "长期来看"),
    "verdict_solved": ("At the minimum at once: there are no steps.", "直接到最小值，没有步骤。"),
    "verdict_once": (
        "At the minimum after one step.",
        "一步就到最小值。",
    ),
    "verdict_smooth": (
        "Converges, without swinging: what is left shrinks by the factor {q} a step.",
        "收敛，不振荡：剩余偏差最终每步缩小为原来的 {q} 倍。",
    ),
    "verdict_swings": (
        "Oscillates and converges: what is left shrinks by the factor {q} a step.",
        "振荡，但收敛：剩余偏差最终每步缩小为原来的 {q} 倍。",
    ),
    "verdict_hovers": (
        "Does not settle: over steps {a} to {z} it hovers at a mean loss of {mean} (largest "
        "{most}); the minimum is {least}.",
        "不收敛到一点：第 {a} 到 {z} 步在平均损失 {mean} 附近徘徊（最大 {most}）；"
        "最小值为 {least}。",
    ),
    "verdict_circles": (
        "Oscillates for good: the steepest direction neither shrinks nor grows.",
        "一直振荡：最陡方向上的偏差既不缩小也不增大。",
    ),
    "verdict_diverges": (
        "Diverges: what is off grows by the factor {q} a step.",
        "发散：偏差最终每步增大为原来的 {q} 倍。",
    ),
    "verdict_diverges_batches": (
        "Diverges: over {z} steps what is off grows by the factor {q} a step, on average.",
        "发散：在 {z} 步中，偏差平均每步增大为原来的 {q} 倍。",
    ),
    "closed": ("Closed form", "解析解"),
    "closed_words": (
        "w = {w}, b = {b}: training loss {train}, development loss {dev}",
        "w = {w}，b = {b}：训练损失 {train}，验证损失 {dev}",
    ),
    "dev": ("Development set", "验证集"),
    "dev_words": (
        "its own minimum is at w = {w}, b = {b}: development loss {dev}",
        "自己的最小值在 w = {w}、b = {b}：验证损失 {dev}",
    ),
    "whereabouts": ("Outside the picture", "在图外"),
    "whereabouts_words": (
        "{n} of the {k} points so far; they are computed, but not drawn",
        "目前 {k} 个点中有 {n} 个；它们照常计算，但不画出",
    ),
    # the guess
    "question": (
        "Learning rate {r}{momentum}: what will the training loss do in the long run?",
        "学习率 {r}{momentum}：长期来看，训练损失会怎样？",
    ),
    "question_closed": (
        "The closed form solves the normal equations: what will the training loss do?",
        "解析解求解正规方程：训练损失会怎样？",
    ),
    "with_momentum": (", momentum {m}", "，动量 {m}"),
    "with_batches": (", mini-batches of {n}", "，批量大小 {n}"),
    "answer": ("in the long run", "（长期来看）"),
    "choose_one": ("choose one", "请选择"),
    "need_choice": ("Choose an answer.", "请选一个答案。"),
    "slip_limit": (
        "The rate is above the largest stable one: each step lands farther off than it began.",
        "学习率超过了最大稳定学习率：每一步都落到更远的地方。",
    ),
    "slip_below": (
        "The rate is below the largest stable one, so what is off shrinks in every direction.",
        "学习率低于最大稳定学习率，每个方向上的偏差都会缩小。",
    ),
    "slip_past": (
        "In at least one direction the steps go past the minimum, so the path swings.",
        "至少在一个方向上，步子会越过最小值，所以路径会振荡。",
    ),
    "slip_short": (
        "In no direction do the steps go past the minimum.",
        "在任何方向上，步子都不会越过最小值。",
    ),
    "slip_noise": (
        "At the minimum the mean gradient is 0, but that of a mini-batch is not: each step is "
        "pushed off again.",
        "在最小值处，平均梯度为 0，但小批量的梯度不为 0：每一步都会再被推开。",
    ),
    "slip_exact": (
        "All samples are in each step, so there is no noise to hover in.",
        "每一步都用全部样本，没有让它徘徊的噪声。",
    ),
    "slip_one": (
        "One step is enough only if the rate is 1 / λ in every direction, or if the system is "
        "solved directly.",
        "只有每个方向的学习率都恰为 1 / λ，或者直接求解方程组，一步才够。",
    ),
    "slip_whole": (
        "The rate is 1 / λ in every direction: a step goes all the way, and no farther.",
        "每个方向的学习率都恰为 1 / λ：一步正好走完，不多不少。",
    ),
    "slip_solved": (
        "The solution is computed, not approached.",
        "解是直接算出来的，不是逐步逼近的。",
    ),
    "slip_edge": (
        "The rate is exactly the largest stable one: the steepest direction keeps its size.",
        "学习率恰好等于最大稳定学习率：最陡方向上的偏差大小不变。",
    ),
    "slip_mean": (
        "In mini-batches the curvature differs from step to step; what counts is the mean growth.",
        "小批量的曲率每步不同，起决定作用的是平均增长率。",
    ),
    "why_closed": (
        "The gradient is 0 where AᵀA θ = Aᵀ y; that is two linear equations in w and b.",
        "梯度为 0 即 AᵀA θ = Aᵀ y，这是关于 w、b 的两个线性方程。",
    ),
    "why_plain": (
        "Each step multiplies what is off in the direction of an eigenvalue λ by 1 − {r} λ: "
        "{f} for λ = {l}, {g} for λ = {s}.",
        "每一步把特征值 λ 方向上的偏差乘以 1 − {r} λ：λ = {l} 时为 {f}，λ = {s} 时为 {g}。",
    ),
    "why_momentum": (
        "With momentum what is off shrinks or grows in the long run by |z|, z² − (1 + m − {r} λ) z "
        "+ m = 0: {f} for λ = {l}, {g} for λ = {s}.",
        "有动量时，偏差长期按 |z| 缩放，z² − (1 + m − {r} λ) z + m = 0：λ = {l} 时为 {f}，"
        "λ = {s} 时为 {g}。",
    ),
    "why_batches": (
        "Two runs with the same batches come {apart} by the factor {q} a step, on average.",
        "用同样小批量的两次训练，距离平均每步变为原来的 {q} 倍（{apart}）。",
    ),
    "apart_closer": ("closer", "越来越近"),
    "apart_farther": ("farther apart", "越来越远"),
}
