"""The papers' definitions of the measures of tasks, transcribed one evaluation at a time, without numpy.

Rows are (step, task, accuracy, n, n_invalid); visits are (task, start, end), every one of them begun and ended.
"""

import math
import random

NAN = float("nan")


def made_up(seed, invalid=False):
    """A random history: 1 to 6 visits of 1 to 4 tasks, some of which recur; random cadence, all at boundaries."""
    rng = random.Random(seed)
    names = ["a", "b", "c", "d"][: rng.randint(1, 4)]
    order = names + [rng.choice(names) for _ in range(rng.randint(0, 2))]
    order = [name for at, name in enumerate(order) if at == 0 or order[at - 1] != name]
    visits, at = [], 0
    for name in order:
        end = at + rng.randint(4, 30)
        visits.append((name, at, end))
        at = end
    dense = rng.choice([1.0, 0.5])
    edges = {0} | {end for _, _, end in visits}
    rows = []
    for step in range(at + 1):
        for name in names:
            if step in edges or rng.random() < dense:
                n = rng.choice([50, 200])
                right = rng.randint(0, n)
                rows.append((step, name, right / n, n, rng.randint(0, n - right) if invalid else 0))
    rng.shuffle(rows)
    return rows, visits


def curve(rows, task):
    return sorted((step, value) for step, name, value, *_ in rows if name == task)


def at_end(rows, task, visit):
    """A(E_i, f_end)."""
    inside = [value for step, value in curve(rows, task) if visit[1] < step <= visit[2]]
    return inside[-1] if inside else NAN


def tasks(visits):
    return list(dict.fromkeys(name for name, _, _ in visits))


def latest(visits, task):
    return [visit for visit in visits if visit[0] == task][-1]


def mean(values):
    values = [value for value in values if not math.isnan(value)]
    return sum(values) / len(values) if values else NAN


def earlier(visits):
    return [name for name in tasks(visits) if name != visits[-1][0]]


def acc(rows, visits):
    return mean([at_end(rows, name, visits[-1]) for name in tasks(visits)])


def forgetting(rows, visits):
    return mean([at_end(rows, i, latest(visits, i)) - at_end(rows, i, visits[-1]) for i in earlier(visits)])


def forgetting_from_best(rows, visits):
    best = {i: max(at_end(rows, i, visit) for visit in visits[:-1]) for i in earlier(visits)}
    return mean([best[i] - at_end(rows, i, visits[-1]) for i in earlier(visits)])


def bwt(rows, visits):
    return mean([at_end(rows, i, visits[-1]) - at_end(rows, i, latest(visits, i)) for i in earlier(visits)])


def fwt(rows, visits):
    terms = []
    for i in tasks(visits)[1:]:
        first = [visit[0] for visit in visits].index(i)
        (initial,) = (value for step, value in curve(rows, i) if step == 0)
        terms.append(at_end(rows, i, visits[first - 1]) - initial)
    return mean(terms)


def learning_accuracy(rows, visits):
    return mean([at_end(rows, i, latest(visits, i)) for i in tasks(visits)])


def retention_index(rows, visits):
    terms = []
    for i in earlier(visits):
        learned = at_end(rows, i, latest(visits, i))
        terms.append(at_end(rows, i, visits[-1]) / learned if learned > 0 else NAN)
    return mean(terms)


def min_acc(rows, visits):
    terms = []
    for i in earlier(visits):
        end = latest(visits, i)[2]
        terms.append(min(value for step, value in curve(rows, i) if step > end))
    return mean(terms)


def wc_acc(rows, visits):
    k = len(tasks(visits))
    now = at_end(rows, visits[-1][0], visits[-1])
    return now if k == 1 else now / k + (1 - 1 / k) * min_acc(rows, visits)


def windowed(rows, visits, w, sign):
    terms = []
    for i in tasks(visits):
        values = [value for _, value in curve(rows, i)]
        largest = -math.inf
        for t in range(len(values)):
            window = values[max(0, t - w + 1) : t + 1]
            for m in range(len(window)):
                for n in range(m + 1, len(window)):
                    largest = max(largest, sign * (window[m] - window[n]))
        terms.append(largest)
    return mean(terms)


def gaps(rows, visits):
    """(task, boundary) -> (depth, transient, persistent, recovery)."""
    found = {}
    for at in range(1, len(visits)):
        learning, b, e = visits[at]
        for i in dict.fromkeys(name for name, _, _ in visits[:at]):
            if i == learning:
                continue
            before = [value for step, value in curve(rows, i) if visits[at - 1][1] < step <= b][-1]
            inside = [(step, value) for step, value in curve(rows, i) if b < step <= e]
            tail = [value for step, value in inside if step > e - 0.1 * (e - b)]
            if len(inside) < 2 or not tail:
                continue
            lowest = min(value for _, value in inside)
            lowest_at = next(step for step, value in inside if value == lowest)
            after = sum(tail) / len(tail)
            half = [value for _, value in inside[len(inside) // 2 :]]
            steps = [b - a for a, b in zip(half, half[1:], strict=False)]
            middle = sum(steps) / len(steps) if steps else 0.0
            sd = math.sqrt(sum((s - middle) ** 2 for s in steps) / len(steps)) if steps else 0.0
            back = [step for step, value in inside if step >= lowest_at and value >= after - 2 * sd - 1e-9]
            recovery = back[0] - lowest_at if back else NAN
            found[i, b] = before - lowest, after - lowest, before - after, recovery
    return found


def format_parts(rows, visits):
    """task -> (superficial, essential)."""
    counts = {(step, name): (value, 1 - bad / n) for step, name, value, n, bad in rows}
    found = {}
    for i in earlier(visits):
        a0, v0 = counts[latest(visits, i)[2], i]
        a1, v1 = counts[visits[-1][2], i]
        if v0 == 0:
            continue
        g0 = a0 / v0
        g1 = a1 / v1 if v1 > 0 else g0
        found[i] = (v0 - v1) * (g0 + g1) / 2, (g0 - g1) * (v0 + v1) / 2
    return found
