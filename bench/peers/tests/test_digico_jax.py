"""Pieces of bench/peers/digico_jax*.py against closed forms, brute force and plain double precision."""

import json
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from scipy import stats

import digico_jax_evolve as evolve
import digico_jax_metrics as metrics
import digico_jax_model as model
import digico_jax_start as start

PROGRAM = Path(__file__).resolve().parent.parent / "digico_jax.py"
FALSE_ALARM = 1e-4  # of each statistical test here, with fixed seeds
SMALL = start.Settings(agents=6, hidden=3, values=4, capacity=2, steps=4, generations=3, block=2)


def random_world(s, seed, updates=()):
    """A world in the middle of a run."""
    rng = np.random.default_rng(seed)
    seen = np.array(
        [rng.permutation(np.delete(np.arange(s.agents), i))[: s.capacity] for i in range(s.agents)]
    )
    shape = (s.agents, s.agents)
    return model.World(
        belief=jnp.array(rng.integers(0, s.values, s.agents), jnp.int32),
        seen=jnp.array(seen, jnp.int32),
        heard=jnp.array(rng.integers(-1, s.values, (s.agents, s.capacity)), jnp.int32),
        weight=jnp.array(rng.uniform(0, 1, shape), jnp.float32),
        momentum=jnp.array(rng.uniform(-0.1, 0.1, shape), jnp.float32) if "momentum" in updates else None,
    )


def registers(s, world):
    """Registers [i, j] as the model words them: -1 wherever nothing was received."""
    held = np.full((s.agents, s.agents), -1)
    for i in range(s.agents):
        for j, m in zip(np.array(world.seen[i]), np.array(world.heard[i]), strict=True):
            held[i, j] = m
    return held


# ---- start -------------------------------------------------------------------------------------------------


def test_tessellation_is_lloyds():
    s = replace(SMALL, niche_points=40, niche_dimensions=2, niche_centroids=3, niche_iterations=4)
    key = jax.random.key(5)
    point = np.array(jax.random.uniform(key, (2, 40)), float).T
    centroid = point[:3].copy()
    for _ in range(4):
        of = ((point[:, None] - centroid[None]) ** 2).sum(-1).argmin(1)
        centroid = np.array([point[of == k].mean(0) for k in range(3)])
    np.testing.assert_allclose(start.tessellate(s, key), centroid, rtol=1e-5)


def test_inverse_weights_are_those_of_eq_4_up_to_a_factor_per_row():
    s = replace(SMALL, agents=9, coordinate_factor=1.5, influence_factor=0.5)
    rng = np.random.default_rng(2)
    coordinate, centroid = rng.random((9, 10)), rng.random((10, 10))
    bonus = np.array([2.0, 0.0, 0.0])
    influence = start.influence(s, jnp.array(centroid), jnp.array(coordinate), jnp.array(bonus))
    inverse = np.array(start.inverse_weight(start.static_cost(s, jnp.array(coordinate), influence)))
    cluster = ((coordinate[:, None] - centroid[None]) ** 2).sum(-1).argmin(1)
    c = centroid[cluster].sum(1) + np.repeat(bonus, 3)
    for i in range(9):
        others = [j for j in range(9) if j != i]
        gap = np.array([np.linalg.norm(coordinate[i] - coordinate[j]) for j in others])
        weight = np.exp(-1.5 * gap - 0.5 * np.exp(c[i] - c[others]))
        np.testing.assert_allclose(1 / inverse[i, others], weight / weight.max(), rtol=2e-4)


def test_types_set_what_section_5_says():
    runs = start.make_runs(["none", "act", "influence", "fix", "all_zero"], [1] * 5)
    assert runs.act_period.tolist() == [[1, 1, 1], [1, 2, 2], [1, 1, 1], [1, 1, 1], [1, 2, 2]]
    assert runs.bonus[:, 0].tolist() == [0, 0, 2, 0, 2]
    assert not runs.bonus[:, 1:].any()
    assert runs.held.tolist() == [[0, 0, 0]] * 3 + [[1, 0, 0]] * 2
    assert runs.start_belief.tolist() == [[-1, -1, -1]] * 4 + [[0, -1, -1]]
    assert [start.AI_TYPES[t][1] for t in start.AI_TYPES] == [1, 1, 5, 1, 1, 5, 1, 5]


def test_start_is_uniform():
    s = start.Settings(agents=300)
    weight, delta = start.start_weights(s, jax.random.key(1))
    assert stats.kstest(np.ravel(weight), "uniform").pvalue > FALSE_ALARM
    assert stats.kstest(np.ravel(delta), stats.uniform(-0.1, 0.2).cdf).pvalue > FALSE_ALARM
    run = jax.tree.map(lambda x: x[0], start.make_runs(["none"], [1]))
    belief = np.concatenate([start.start_beliefs(s, run, jax.random.key(k)) for k in range(10)])
    assert stats.chisquare(np.bincount(belief, minlength=10)).pvalue > FALSE_ALARM


# ---- a step ------------------------------------------------------------------------------------------------


def test_policy_equals_the_dense_network():
    s = replace(SMALL, agents=9)
    world = random_world(s, 3)
    rng = np.random.default_rng(4)
    genotype = rng.normal(size=(9, s.parameters))
    w1, h, v = 9 * s.hidden, s.hidden, s.values
    logits = np.empty((9, v))
    for i, x in enumerate(genotype):
        first, bias_1 = x[:w1].reshape(9, h), x[w1 : w1 + h]
        second, bias_2 = x[w1 + h : w1 + h + h * v].reshape(v, h), x[w1 + h + h * v :]
        logits[i] = second @ np.tanh(registers(s, world)[i] @ first + bias_1) + bias_2
    chance = np.exp(logits - logits.max(1, keepdims=True))
    edge = np.cumsum(chance / chance.sum(1, keepdims=True), axis=1)
    policy = model.policies(s, jnp.array(genotype, jnp.float32))
    acts = jnp.arange(9) != 4
    for u in np.linspace(0.003, 0.997, 41):
        expected = (edge[:, :-1] <= u).sum(1)
        expected[4] = -1
        near = (np.abs(edge - u) < 1e-5).any(1)
        message = model.choose_messages(s, policy, world, acts, jnp.full(9, u, jnp.float32))
        assert ((np.array(message) == expected) | near).all()


def successive_draw_chances(weight, count):
    """Chance of every candidate to be among `count` successive draws, by recursion over all orders."""
    chance = np.zeros(len(weight))

    def recurse(left, so_far, p):
        if so_far == count:
            return
        total = sum(weight[j] for j in left)
        for j in left:
            chance[j] += p * weight[j] / total
            recurse([k for k in left if k != j], so_far + 1, p * weight[j] / total)

    recurse([j for j in range(len(weight)) if weight[j] > 0], 0, 1.0)
    return chance


@pytest.mark.parametrize("belief_factor", [0.0, 0.7])
def test_observation_draws_by_successive_weights(belief_factor):
    s = replace(SMALL, belief_factor=belief_factor)
    rng = np.random.default_rng(6)
    inverse = jnp.array(np.exp(rng.uniform(0, 2, (6, 6))), jnp.float32)
    belief, message = np.array([0, 1, 3, 2, 0, 3]), np.array([3, -1, 2, 0, 1, -1])
    draws = 20000
    u = jax.random.uniform(jax.random.key(3), (draws, 6, 6))
    one = lambda u: model.observe(s, inverse.T, jnp.array(belief), jnp.array(message), u)  # noqa: E731
    seen = np.array(jax.jit(jax.vmap(one))(u))
    omega = np.exp(-belief_factor * np.abs(belief[:, None] - message[None, :])) / np.array(inverse)
    np.fill_diagonal(omega, 0)
    for i in range(6):
        assert (seen[:, i, 0] != seen[:, i, 1]).all()
        expected = draws * successive_draw_chances(omega[i], 2)
        count = np.array([(seen[:, i] == j).any(1).sum() for j in range(6)])
        assert count[i] == 0
        z = np.abs(count - expected)[omega[i] > 0] / np.sqrt(expected * (1 - expected / draws))[omega[i] > 0]
        assert stats.norm.sf(z.max()) * 2 * 30 > FALSE_ALARM
        # the first drawn agent has the weights themselves
        first = np.bincount(seen[:, i, 0], minlength=6)
        others = omega[i] > 0
        share = omega[i][others] / omega[i].sum()
        assert stats.chisquare(first[others], draws * share).pvalue > FALSE_ALARM / 6


def test_views_and_rewards_count_what_registers_hold():
    s = SMALL
    world = random_world(s, 7)
    got = np.array(model.received(s, world.seen, world.heard))
    np.testing.assert_array_equal(got, registers(s, world) >= 0)
    views, penalty = got.sum(0), np.array([3, 0, 1, 2, 4, 0])
    np.testing.assert_allclose(model.reward(s, views, penalty), views - 0.1 * penalty)


def test_weight_updates():
    s = replace(SMALL, update="reward", reward_scale=0.5)
    world = random_world(s, 8, "momentum")
    got = model.received(s, world.seen, world.heard)
    rewards = np.array([1.0, -0.2, 3.0, 2.0, 0.0, 1.5])
    noise = np.random.default_rng(9).normal(size=(6, 6))
    weight, delta = np.array(world.weight, float), np.array(world.momentum, float)
    gain = 0.5 * np.maximum(rewards[None, :] - rewards[:, None], 0) * np.array(got)

    def updated(update):
        return model.update_weights(
            replace(s, update=update), world, got, jnp.array(rewards), jnp.array(noise)
        )

    np.testing.assert_allclose(updated("reward").weight, weight + gain, rtol=1e-6)
    np.testing.assert_allclose(updated("random").weight, weight + noise, rtol=1e-5)
    new = updated("momentum")
    np.testing.assert_allclose(new.momentum, 0.2 * delta + 0.05 * noise, rtol=1e-4, atol=1e-7)
    np.testing.assert_allclose(new.weight, weight + 0.2 * delta + 0.05 * noise, rtol=1e-5)
    assert updated("fixed") is world


@pytest.mark.parametrize("reading", ["text", "tables"])
def test_contagion_is_the_softmax_of_eq_2(reading):
    s = replace(SMALL, **start.READINGS[reading])
    world = random_world(s, 10)
    held, belief = registers(s, world), np.array(world.belief)
    weight = np.array(world.weight, float)
    x = np.zeros((6, 4))
    for i in range(6):
        for v in range(4):
            if reading == "text":
                speak = [j for j in range(6) if held[i, j] == v]
            else:
                speak = [j for j in range(6) if belief[j] == v]
            x[i, v] = 5 * sum(weight[i, j] for j in speak) / max(abs(v - belief[i]), 1)
    exponent = model.contagion_exponent(s, model.support(s, world), world.belief)
    np.testing.assert_allclose(exponent.T, x, rtol=1e-5)


def test_overflow_makes_a_belief_uniform_in_reading_tables_alone():
    total = jnp.array([[1.0, 18.0], [0.5, 2.0], [0.0, 1.0], [0.0, 0.0]])  # [values, agents]; 5 * 18 > 88.7
    belief = jnp.array([0, 0])
    exact = model.contagion_exponent(SMALL, total, belief)
    kept = model.contagion_exponent(replace(SMALL, overflow_uniform=True), total, belief)
    assert float(exact[0, 1]) == 90
    np.testing.assert_array_equal(kept[:, 1], 0)
    np.testing.assert_array_equal(kept[:, 0], exact[:, 0])


def test_draw_has_the_frequencies_of_a_softmax():
    exponent = np.array([0.0, 1.0, -2.0, 95.0, 0.5])
    for x in (exponent[[0, 1, 2, 4]], exponent):
        u = jax.random.uniform(jax.random.key(8), (40000,))
        drawn = np.array(model.draw(jnp.tile(jnp.array(x, jnp.float32)[:, None], (1, 40000)), u))
        chance = np.exp(x - x.max()) / np.exp(x - x.max()).sum()
        often = chance * 40000 > 5
        count = np.bincount(drawn, minlength=len(x))
        assert count[~often].sum() == 0
        if often.sum() > 1:
            assert (
                stats.chisquare(count[often], 40000 * chance[often] / chance[often].sum()).pvalue
                > FALSE_ALARM
            )


# ---- evolution ---------------------------------------------------------------------------------------------


def plain_update(n, size, x, f, m, sigma, p_s, p_c, c, updates, diagonal):
    """One update of sep-CMA-ES in evosax's variant, parameter after parameter, as section 4 words it."""
    mu = size // 2
    raw = [np.log(mu + 1) - np.log(i) for i in range(1, mu + 1)]
    w = [r / sum(raw) for r in raw]
    mu_eff = 1 / sum(a * a for a in w)
    hat = min(n, 40000)
    c1 = 2 / ((hat + 1.3) ** 2 + mu_eff)
    inner = 2 / (mu_eff * (hat + 2**0.5) ** 2)
    inner += (1 - 1 / mu_eff) * min(1, (2 * mu_eff - 1) / ((hat + 2) ** 2 + mu_eff))
    c_mu = (n + 2) / 3 * inner
    cs = (mu_eff + 2) / (n + mu_eff + 3)
    ds = 1 + 2 * max(0, ((mu_eff - 1) / (n + 1)) ** 0.5 - 1) + cs
    cc = 4 / (n + 4)
    chi = n**0.5 * (1 - 1 / (4 * n) + 1 / (21 * hat**2))
    order = sorted(range(size), key=lambda k: (-f[k], k))
    y = (x - m) / sigma
    y_w = sum(w[r] * y[order[r]] for r in range(mu))
    root = np.sqrt(c) if diagonal else 1.0
    p_s = (1 - cs) * p_s + (cs * (2 - cs) * mu_eff) ** 0.5 * y_w / root
    norm = (p_s**2).sum() ** 0.5
    h = float(norm / (1 - (1 - cs) ** (2 * updates)) ** 0.5 < (1.4 + 2 / (n + 1)) * chi)
    p_c = (1 - cc) * p_c + h * (cc * (2 - cc) * mu_eff) ** 0.5 * y_w
    rank_mu = sum(w[r] * y[order[r]] ** 2 for r in range(mu))
    c = (1 - c1 - c_mu + (1 - h) * c1 * cc * (2 - cc)) * c + c1 * p_c**2 + c_mu * rank_mu
    return m + sigma * y_w, sigma * np.exp(cs / ds * (norm / chi - 1)), p_s, p_c, c


@pytest.mark.parametrize("diagonal", [False, True])
@pytest.mark.parametrize(("n", "size"), [(12, 10), (2634, 10), (7, 3)])
def test_solver_follows_the_plain_one(diagonal, n, size):
    rng = np.random.default_rng(11)
    solver = evolve.start_solver(2, n, 0.1, diagonal)
    plain = [(np.zeros(n), 0.1, np.zeros(n), np.zeros(n), np.ones(n)) for _ in range(2)]
    for t in range(1, 9):
        x = np.array(evolve.ask(solver, jax.random.key(t), size), float)
        # selection of long vectors drives the path beyond the threshold of h_sigma; ties every other time
        f = np.abs(x).sum(-1) if t < 6 else rng.integers(0, 3, (2, size)).astype(float)
        constants = evolve.constants_of(n, size)
        solver = evolve.tell(constants, solver, jnp.array(x, jnp.float32), jnp.array(f, jnp.float32))
        for g in range(2):
            plain[g] = plain_update(n, size, x[g], f[g], *plain[g], t, diagonal)
    for g in range(2):
        mean, sigma, p_s, p_c, c = plain[g]
        np.testing.assert_allclose(solver.mean[g], mean, rtol=1e-3, atol=1e-6)
        np.testing.assert_allclose(solver.sigma[g], sigma, rtol=1e-5)
        np.testing.assert_allclose(solver.path_sigma[g], p_s, rtol=1e-3, atol=1e-5)
        if diagonal:
            np.testing.assert_allclose(solver.path_c[g], p_c, rtol=1e-3, atol=1e-5)
            np.testing.assert_allclose(solver.variance[g], c, rtol=1e-4)


def test_samples_are_normal_around_the_mean():
    solver = evolve.start_solver(1, 4, 0.1, True)
    solver = solver._replace(mean=jnp.array([[1.0, 2, 3, 4]]), variance=jnp.array([[1.0, 4, 9, 16]]))
    x = np.array(evolve.ask(solver, jax.random.key(2), 5000))[0]
    z = (x - np.array([1, 2, 3, 4])) / (0.1 * np.array([1, 2, 3, 4]))
    assert stats.kstest(z.ravel(), "norm").pvalue > FALSE_ALARM


def test_humans_keep_their_genotypes_until_their_solver_is_due():
    s = replace(SMALL, human_evolve_period=5)
    solver = evolve.start_solver(3, s.parameters, 0.1, False)
    genotype = evolve.ask(solver, jax.random.key(1), 2)
    fitness = jnp.array([[1.0, 2], [3, 1], [2, 2]])
    for g, due in ((3, False), (4, True), (5, False)):
        new, moved = model.evolve(s, solver, genotype, fitness, jnp.int32(g), jax.random.key(g))
        assert bool((moved[1:] == genotype[1:]).all()) is not due
        assert bool((new.mean[1:] == solver.mean[1:]).all()) is not due
        assert not (moved[0] == genotype[0]).any()


# ---- measures ----------------------------------------------------------------------------------------------


def test_distances_are_mean_pairwise_distances():
    s = replace(SMALL, agents=9)
    x = np.random.default_rng(12).normal(2, 1, (9, s.parameters))
    apart = [[np.linalg.norm(a - b) / s.parameters**0.5 for a in x] for b in x]
    expected = np.empty((3, 3))
    for g in range(3):
        for h in range(3):
            pairs = [apart[i][j] for i in range(3 * g, 3 * g + 3) for j in range(3 * h, 3 * h + 3) if i != j]
            expected[g, h] = np.mean(pairs)
    got = model.distances(s, jnp.array(x.reshape(3, 3, -1), jnp.float32))
    np.testing.assert_allclose(got, expected, rtol=1e-5)


def test_metrics_by_hand():
    records = {
        "views": np.array([[[2, 3, 5]]]),
        "fitness_mean": np.array([[[1.0, 2.0, 1.0]]]),
        "fitness_spread": np.zeros((1, 1, 3)),
        "belief_penalty_mean": np.zeros((1, 1, 3)),
        "belief_count": np.array([[[[4, 0, 0, 0], [1, 1, 0, 2], [0, 0, 0, 4]]]]),
        "genotype_distance": np.full((1, 1, 3, 3), np.nan),
    }
    out = metrics.metrics_of(records)
    assert out["ai_views_last"] == [0.2]
    assert out["ai_fitness_mean"] == [0.25]
    assert out["human_belief_0_last"] == [1 / 8]
    assert out["human_bottleneck"] == [[6 / 8]]
    assert out["human_cliques"] == [[2]]
    assert out["human_extinct_values"] == [[1]]
    p = np.array([1, 1, 6]) / 8
    np.testing.assert_allclose(out["human_belief_entropy"], [[-(p * np.log(p)).sum() / np.log(4)]])
    value = np.array([0, 1, 3, 3, 3, 3, 3, 3])
    np.testing.assert_allclose(out["human_polarisation_variance"], [[value.var() / 1.5**2]])
    np.testing.assert_allclose(out["human_polarisation_extremes"], [[7 / 8]])


# ---- the program -------------------------------------------------------------------------------------------


def program(*arguments, text=""):
    """Run digico_jax.py."""
    return subprocess.run(
        [sys.executable, str(PROGRAM), *arguments], input=text, capture_output=True, text=True, check=False
    )


@pytest.mark.parametrize(
    ("arguments", "word"),
    [
        (["--agents", "31"], "--agents: 31"),
        (["--runs", "0"], "--runs: 0"),
        (["--runs", "10", "--ai-type", "mixed"], "--runs: 10"),
        (["--set", "set80", "--runs", "8"], "--set set80"),
        (["--block", "7"], "--block: 7"),
        (["--belief-factor", "nan"], "--belief-factor: nan"),
        (["--update", "none"], "--update"),
        (["--out", "a.csv"], "--out: a.csv"),
        (["--nonsense"], "--nonsense"),
    ],
)
def test_bad_arguments_are_one_line_and_code_2(arguments, word):
    done = program(*arguments)
    assert done.returncode == 2
    assert done.stdout == ""
    assert len(done.stderr.splitlines()) == 1
    assert word in done.stderr


@pytest.mark.skipif(Path("/dev/nvidiactl").exists(), reason="there is a GPU")
def test_an_absent_gpu_is_one_line_and_code_1():
    done = program("--device", "gpu")
    assert done.returncode == 1
    assert done.stderr.splitlines()[-1].startswith("digico_jax: --device gpu: ")
    assert "Traceback" not in done.stderr


def test_serve_answers_every_line():
    small = ["--agents", "6", "--runs", "8", "--ai-type", "mixed", "--generations", "6", "--steps", "4"]
    done = program(*small, "--serve", text="\n\n")
    assert done.returncode == 0, done.stderr
    first, *answers = [json.loads(line) for line in done.stdout.splitlines()]
    assert first["compile_seconds"] > 0
    assert first["jax"] == jax.__version__
    assert first["agent_steps"] == 6 * 8 * 6 * 4
    assert len(answers) == 2
    assert all(a["seconds"] > 0 and a["peak_bytes"] > 1e6 for a in answers)


def test_a_run_does_not_depend_on_what_is_computed_beside_it(tmp_path):
    small = ["--agents", "6", "--generations", "5", "--steps", "6", "--block", "3"]
    alone, among = tmp_path / "alone.npz", tmp_path / "among.npz"
    assert program(*small, "--ai-type", "all_zero", "--seed", "2", "--out", str(alone)).returncode == 0
    mixed = ["--ai-type", "mixed", "--runs", "16", "--chunk", "3", "--devices", "2", "--out", str(among)]
    assert program(*small, *mixed).returncode == 0
    a, b = np.load(alone), np.load(among)
    assert b["views"].shape[0] == 16
    for name in ("views", "belief_penalty_mean", "belief_count"):  # all_zero is the last type, seeds 1 and 2
        np.testing.assert_array_equal(a[name][0], b[name][15])
