"""Loops over a loader: training on shuffled batches, in PyTorch and in plain NumPy.

A loader shuffles anew whenever a loop over it begins. Its generator is given a seed before each epoch, so that the order can be
had in NumPy as well, number by number; where the order need not be PyTorch's, `rng.permutation(len(x))` is all of it.
"""

from conformance.cases.loops import DATA, NETWORK, PATH, RATES, model, refusals

from conformance import Section, values

loaded = Section("Loops over a loader", id="loops-loaded")

EITHER = (False, True)

loaded.case(
    model("Tanh") + """
    optimiser = torch.optim.SGD(model.parameters(), lr=lr, momentum=momentum)
    mean_squared_error = torch.nn.MSELoss()
    dataset, generator = torch.utils.data.TensorDataset(x, y), torch.Generator()
    loader = torch.utils.data.DataLoader(dataset, batch_size=8, shuffle=True, drop_last=drop, generator=generator)
    losses, path = [], []
    for epoch in range(4):
        generator.manual_seed(seed + epoch)
        for inputs, targets in loader:
            loss = mean_squared_error(model(inputs), targets)
            optimiser.zero_grad()
            loss.backward()
            optimiser.step()
            losses.append(loss.detach())
        path.append(torch.cat([p.detach().flatten() for p in model.parameters()]))
    torch.stack(losses), torch.stack(path)
    """,
    """
    def shuffled(count, seed):
        source, order = np.random.RandomState(seed), np.arange(count)
        source.bytes(8)
        for i in range(count - 1):
            j = i + source.randint(0, 2**32) % (count - i)
            order[i], order[j] = order[j], order[i]
        return order
    weights = [w1, b1, w2, b2]
    velocities = [0, 0, 0, 0]
    losses, path = [], []
    for epoch in range(4):
        order = shuffled(len(x), seed + epoch)
        for begin in range(0, 16 if drop else len(x), 8):
            chosen = order[begin : begin + 8]
            inputs, targets = x[chosen], y[chosen]
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
    id="training", fills=1, **DATA, **NETWORK, **RATES, seed=values(0, 12345), drop=values(*EITHER), tolerance=PATH,
    differs=refusals(lr=0.1, momentum=0.9, seed=0, drop=False),
    note="the first eight bytes of a generator are for the seeds of workers, whether there are any or not",
)  # fmt: skip
