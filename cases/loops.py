"""Loops: training, validating and testing a small network, in PyTorch and in plain NumPy, backpropagation by hand.

Both start from the same weights and take the same batches, so that the whole path can be compared: the loss of every step,
and all weights after each epoch. A rounding error lives on in every later step, so that no fixed number of digits can be
asked for: allowed is what NumPy's own path does when its start is moved by one unit in the last place.
"""

from dataclasses import replace

import numpy as np

from conformance import COMPLEX, INTEGERS, Difference, Raises, Section, between, normals, spread, values

loops = Section("Loops", id="loops")

NETWORK = {"w1": normals(8, 3), "b1": normals(8), "w2": normals(2, 8), "b2": normals(2)}
"""Weights and biases of two layers: from 3 numbers to 8, from 8 to 2."""
DATA = {"x": normals(20, 3, missing=True), "y": normals(20, 2)}
"""Twenty samples, in batches of eight: the last is short. A number that is NaN makes a NaN of all that follows."""
DOUBLE = {name: replace(given, dtypes=("float64",)) for name, given in {**DATA, **NETWORK}.items()}
"""The same in the one dtype in which Adam's 1e-8 and the 1e-6 of clipping make a difference."""
RATES = {"lr": between(0.001, 0.1, usual=(0.1, 0.01)), "momentum": between(0.0, 0.95, usual=(0.9, 0.0))}
PATH = spread("w1", "b1", "w2", "b2")
"""Ten times the spread; five times was the most that was met, in bfloat16, and three times in wider dtypes."""

EXAMPLE = {name: np.ones(given.shape) for name, given in {**DATA, **NETWORK}.items()}


def refusals(**others: object) -> list[Difference]:
    """Return which dtypes no network has, for a row whose inputs beside data and weights are ``others``."""
    example = {**EXAMPLE, **others}
    return [
        Difference("the parameters of a module are floating-point or complex numbers", dtypes=("bool", *INTEGERS),
                   example=example, torch=Raises(TypeError)),
        Difference("PyTorch's losses and activations do not know complex numbers", dtypes=COMPLEX,
                   example=example, torch=Raises(RuntimeError)),
    ]  # fmt: skip


def model(activation: str) -> str:
    """Return the lines that make a network of PyTorch with the weights given."""
    return f"""
    model = torch.nn.Sequential(torch.nn.Linear(3, 8), torch.nn.{activation}(), torch.nn.Linear(8, 2)).to(x.dtype)
    with torch.no_grad():
        for parameter, start in zip(model.parameters(), (w1, b1, w2, b2)):
            parameter.copy_(start)
    """


loops.case(
    model("Tanh") + """
    optimiser = torch.optim.SGD(model.parameters(), lr=lr, momentum=momentum)
    mean_squared_error = torch.nn.MSELoss()
    losses, path = [], []
    for epoch in range(4):
        for begin in range(0, len(x), 8):
            inputs, targets = x[begin : begin + 8], y[begin : begin + 8]
            loss = mean_squared_error(model(inputs), targets)
            optimiser.zero_grad()
            loss.backward()
            optimiser.step()
            losses.append(loss.detach())
        path.append(torch.cat([p.detach().flatten() for p in model.parameters()]))
    torch.stack(losses), torch.stack(path)
    """,
    """
    weights = [w1, b1, w2, b2]
    velocities = [0, 0, 0, 0]
    losses, path = [], []
    for epoch in range(4):
        for begin in range(0, len(x), 8):
            inputs, targets = x[begin : begin + 8], y[begin : begin + 8]
            w1, b1, w2, b2 = weights
            hidden = np.tanh(inputs @ w1.T + b1)
            error = hidden @ w2.T + b2 - targets
            losses.append(np.mean(error**2))

            d_output = 2 * error / error.size
            d_hidden = d_output @ w2 * (1 - hidden**2)
            gradients = [d_hidden.T @ inputs, d_hidden.sum(0), d_output.T @ hidden, d_output.sum(0)]
            velocities = [momentum * v + g for v, g in zip(velocities, gradients)]
            weights = [w - lr * v for w, v in zip(weights, velocities)]
        path.append(np.concatenate([w.ravel() for w in weights]))
    np.stack(losses), np.stack(path)
    """,
    id="training-mse", fills=1, **DATA, **NETWORK, **RATES, tolerance=PATH, differs=refusals(lr=0.1, momentum=0.9),
)  # fmt: skip

loops.case(
    model("ReLU") + """
    optimiser = torch.optim.SGD(model.parameters(), lr=lr, momentum=momentum)
    cross_entropy = torch.nn.CrossEntropyLoss()
    labels = y.argmax(1)
    losses, path = [], []
    for epoch in range(4):
        for begin in range(0, len(x), 8):
            inputs, targets = x[begin : begin + 8], labels[begin : begin + 8]
            loss = cross_entropy(model(inputs), targets)
            optimiser.zero_grad()
            loss.backward()
            optimiser.step()
            losses.append(loss.detach())
        path.append(torch.cat([p.detach().flatten() for p in model.parameters()]))
    torch.stack(losses), torch.stack(path)
    """,
    """
    labels = y.argmax(1)
    weights = [w1, b1, w2, b2]
    velocities = [0, 0, 0, 0]
    losses, path = [], []
    for epoch in range(4):
        for begin in range(0, len(x), 8):
            inputs, targets = x[begin : begin + 8], labels[begin : begin + 8]
            w1, b1, w2, b2 = weights
            hidden = np.maximum(inputs @ w1.T + b1, 0)
            scores = hidden @ w2.T + b2
            scores = scores - scores.max(1, keepdims=True)
            log_p = scores - np.log(np.exp(scores).sum(1, keepdims=True))
            right = np.arange(len(targets)), targets
            losses.append(-log_p[right].mean())

            d_output = np.exp(log_p)
            d_output[right] -= 1
            d_output = d_output / len(targets)
            d_hidden = d_output @ w2 * (hidden > 0)
            gradients = [d_hidden.T @ inputs, d_hidden.sum(0), d_output.T @ hidden, d_output.sum(0)]
            velocities = [momentum * v + g for v, g in zip(velocities, gradients)]
            weights = [w - lr * v for w, v in zip(weights, velocities)]
        path.append(np.concatenate([w.ravel() for w in weights]))
    np.stack(losses), np.stack(path)
    """,
    id="training-cross-entropy", fills=1, **DATA, **NETWORK, **RATES, tolerance=PATH, differs=refusals(lr=0.1, momentum=0.9),
)  # fmt: skip

loops.case(
    """
    model = torch.nn.Sequential(torch.nn.Linear(3, 8), torch.nn.ReLU(), torch.nn.Dropout(0.5), torch.nn.Linear(8, 2)).to(x.dtype)
    with torch.no_grad():
        for parameter, start in zip(model.parameters(), (w1, b1, w2, b2)):
            parameter.copy_(start)
    model.eval()
    total = 0
    with torch.no_grad():
        for begin in range(0, len(x), 8):
            inputs, targets = x[begin : begin + 8], y[begin : begin + 8]
            loss = torch.nn.functional.mse_loss(model(inputs), targets)
            total += loss * len(inputs)
    total / len(x)
    """,
    """
    total = 0
    for begin in range(0, len(x), 8):
        inputs, targets = x[begin : begin + 8], y[begin : begin + 8]
        hidden = np.maximum(inputs @ w1.T + b1, 0)
        error = hidden @ w2.T + b2 - targets
        total += np.mean(error**2) * len(inputs)
    total / len(x)
    """,
    id="validation", fills=2, **DATA, **NETWORK, tolerance=PATH, differs=refusals(),
    note="the last batch is short, so each loss counts as often as it has samples; eval() ends dropout",
)  # fmt: skip

loops.case(
    model("ReLU") + """
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.round_()
    labels = y.argmax(1)
    model.eval()
    right = 0
    with torch.no_grad():
        for begin in range(0, len(x), 8):
            inputs, targets = x[begin : begin + 8].round(), labels[begin : begin + 8]
            right += int((model(inputs).argmax(1) == targets).sum())
    right / len(x)
    """,
    """
    x, w1, b1, w2, b2 = (np.rint(numbers) for numbers in (x, w1, b1, w2, b2))
    labels = y.argmax(1)
    right = 0
    for begin in range(0, len(x), 8):
        inputs, targets = x[begin : begin + 8], labels[begin : begin + 8]
        hidden = np.maximum(inputs @ w1.T + b1, 0)
        scores = hidden @ w2.T + b2
        right += int((scores.argmax(1) == targets).sum())
    right / len(x)
    """,
    id="testing", fills=2, **DATA, **NETWORK, differs=refusals(),
    note="the share of samples whose highest score is the right one; of whole numbers, so that no rounding decides which",
)  # fmt: skip

loops.case(
    model("Tanh") + """
    optimiser = torch.optim.SGD(model.parameters(), lr=lr)
    mean_squared_error = torch.nn.MSELoss()
    path = []
    for epoch in range(8):
        optimiser.zero_grad()
        for begin in (0, 10):
            loss = mean_squared_error(model(x[begin : begin + 10]), y[begin : begin + 10]) / 2
            loss.backward()
        optimiser.step()
        path.append(torch.cat([p.detach().flatten() for p in model.parameters()]))
    torch.stack(path)
    """,
    """
    path = []
    for epoch in range(8):
        hidden = np.tanh(x @ w1.T + b1)
        error = hidden @ w2.T + b2 - y
        d_output = 2 * error / error.size
        d_hidden = d_output @ w2 * (1 - hidden**2)
        w2, b2 = w2 - lr * d_output.T @ hidden, b2 - lr * d_output.sum(0)
        w1, b1 = w1 - lr * d_hidden.T @ x, b1 - lr * d_hidden.sum(0)
        path.append(np.concatenate([w.ravel() for w in (w1, b1, w2, b2)]))
    np.stack(path)
    """,
    id="accumulated-batches", fills=1, **DATA, **NETWORK, lr=values(0.1, 0.01), tolerance=PATH, differs=refusals(lr=0.1),
    note="backward() adds to the gradients: two halves, each weighted by a half, are one batch of all",
)  # fmt: skip

loops.case(
    model("ReLU") + """
    optimiser = torch.optim.Adam(model.parameters(), lr=lr)
    scheduler = torch.optim.lr_scheduler.StepLR(optimiser, step_size=2, gamma=0.5)
    mean_squared_error = torch.nn.MSELoss()
    weights = lambda: {name: value.clone() for name, value in model.state_dict().items()}
    training, validation, best, chosen, kept = [], [], float("inf"), None, weights()
    for epoch in range(6):
        model.train()
        loss = mean_squared_error(model(x[:12]), y[:12])
        optimiser.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimiser.step()
        scheduler.step()
        model.eval()
        with torch.no_grad():
            held_out = mean_squared_error(model(x[12:]), y[12:])
        if held_out < best:
            best, chosen, kept = held_out, epoch, weights()
        training.append(loss.detach())
        validation.append(held_out)
    torch.stack(training), torch.stack(validation), chosen, kept["0.weight"], kept["2.bias"]
    """,
    """
    weights = [w1, b1, w2, b2]
    m = v = [0, 0, 0, 0]
    training, validation, best, chosen, kept = [], [], np.inf, None, [w.copy() for w in weights]
    for epoch in range(6):
        w1, b1, w2, b2 = weights
        hidden = np.maximum(x[:12] @ w1.T + b1, 0)
        error = hidden @ w2.T + b2 - y[:12]
        training.append(np.mean(error**2))

        d_output = 2 * error / error.size
        d_hidden = d_output @ w2 * (hidden > 0)
        gradients = [d_hidden.T @ x[:12], d_hidden.sum(0), d_output.T @ hidden, d_output.sum(0)]
        norm = np.sqrt(sum(np.sum(g * g) for g in gradients))
        gradients = [g * np.minimum(1, 1 / (norm + 1e-6)) for g in gradients]
        m = [0.9 * old + (1 - 0.9) * g for old, g in zip(m, gradients)]
        v = [0.999 * old + (1 - 0.999) * g * g for old, g in zip(v, gradients)]
        rate, t = lr * 0.5 ** (epoch // 2), epoch + 1
        steps = [a / (1 - 0.9**t) / (np.sqrt(b / (1 - 0.999**t)) + 1e-8) for a, b in zip(m, v)]
        weights = [w - rate * step for w, step in zip(weights, steps)]

        w1, b1, w2, b2 = weights
        held_out = np.mean((np.maximum(x[12:] @ w1.T + b1, 0) @ w2.T + b2 - y[12:]) ** 2)
        validation.append(held_out)
        if held_out < best:
            best, chosen, kept = held_out, epoch, weights
    np.stack(training), np.stack(validation), chosen, kept[0], kept[3]
    """,
    id="all-together", fills=1, **DOUBLE, lr=values(0.01, 0.1, 0.0), tolerance=PATH,
    note="Adam, a schedule, clipped gradients, validation after each epoch, and a copy of the weights of the best one: those of state_dict() change with the model",
)  # fmt: skip
