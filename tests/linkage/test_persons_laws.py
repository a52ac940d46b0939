"""Laws of persons: as told plainly, in any order, grown in any pieces."""

import random

import polars as pl
from hypothesis import given, settings
from hypothesis import strategies as st

from federation.linkage.change import Change
from federation.linkage.grow import grown
from federation.linkage.roll import empty_roll
from federation.linkage.rules import Rules
from tests.linkage import reference, rolls

NAMES = [f"{site}{n}" for site in "ABCD" for n in range(5)]
SCORES = [0.3, 0.5, 0.6, 0.6, 0.7, 0.8, 0.9, 0.97, 1.0]
PAIRS = [(a, b) for a in NAMES for b in NAMES if a < b]


@st.composite
def worlds(draw):
    names = draw(st.permutations(NAMES))[: draw(st.integers(2, len(NAMES)))]
    pairs = [pair for pair in PAIRS if pair[0] in names and pair[1] in names]
    edges = draw(st.dictionaries(st.sampled_from(pairs), st.sampled_from(SCORES), max_size=35))
    some = st.lists(st.sampled_from(pairs), max_size=4, unique=True)
    same = draw(st.one_of(st.just([]), some))
    home = {name: name for name in names}

    def root(name):
        return name if home[name] == name else root(home[name])

    for left, right in same:
        home[root(left)] = root(right)
    different = [pair for pair in draw(some) if root(pair[0]) != root(pair[1])]
    numbers = {name: draw(st.sampled_from("xyz")) for name in names if draw(st.booleans())}
    rules = Rules(
        0.5,
        single=frozenset(draw(st.sampled_from(["", "A", "AB", "ABCD"]))),
        largest=draw(st.sampled_from([3, 6, 500])),
    )
    return names, edges, same, different, draw(some), numbers, rules


def text(pairs):
    return " ".join(f"{a}-{b}" for a, b in pairs)


def whole(world, names=None, order=lambda items: items):
    held, edges, same, different, conflicts, numbers, rules = world
    decided = [f"s{n} {a}-{b} same" for n, (a, b) in enumerate(same)] + [
        f"x{n} {a}-{b} different" for n, (a, b) in enumerate(different)
    ]
    told = ", ".join(order([f"{a}-{b} {score}" for (a, b), score in edges.items()]))
    asked = rolls.change(
        " ".join(names or held), told, decided=", ".join(decided), apart=text(conflicts), numbers=numbers or None
    )
    return grown(empty_roll(rules), asked).roll


def plainly(world):
    names, edges, same, different, conflicts, numbers, rules = world

    def named(name):
        return (name[0], name)

    def pairs(some):
        return {(named(a), named(b)) for a, b in some}

    found = reference.persons(
        {named(name): numbers.get(name) for name in names},
        {(named(a), named(b)): score for (a, b), score in edges.items()},
        rules,
        pairs(same),
        pairs(different),
        pairs(conflicts),
    )
    return {" ".join(sorted(name for _, name in each)) for each in found}


@settings(max_examples=40, deadline=None)
@given(worlds())
def test_persons_are_as_the_plain_telling_has_them(world):
    assert rolls.groups(whole(world)) == plainly(world)


@settings(max_examples=40, deadline=None)
@given(worlds(), st.randoms(use_true_random=False))
def test_no_order_of_edges_or_records_changes_who_is_one_person(world, chance):
    def order(items):
        chance.shuffle(items)
        return [
            f"{'-'.join(reversed(e.split()[0].split('-')))} {e.split()[1]}" if chance.random() < 0.5 else e
            for e in items
        ]

    assert rolls.groups(whole(world, chance.sample(world[0], len(world[0])), order)) == rolls.groups(whole(world))


def pieces(world, chance):
    """The world's records in their order, cut anywhere; each piece brings the edges to what is there already."""
    names, edges, same, different, conflicts, numbers, _ = world
    cuts = sorted(chance.sample(range(len(names) + 1), min(3, len(names))))
    there = set()
    decided = {pair: f"s{n} {pair[0]}-{pair[1]} same" for n, pair in enumerate(same)}
    decided |= {pair: f"x{n} {pair[0]}-{pair[1]} different" for n, pair in enumerate(different)}
    for start, end in zip([0, *cuts], [*cuts, len(names)], strict=True):
        new = set(names[start:end])
        there |= new

        def fresh(some, new=new, there=frozenset(there)):
            return [pair for pair in some if new & set(pair) and set(pair) <= there]

        told = ", ".join(f"{a}-{b} {edges[a, b]}" for a, b in fresh(edges))
        said = ", ".join(decided[pair] for pair in fresh(decided))
        yield rolls.change(
            " ".join(names[start:end]), told, decided=said, apart=text(fresh(conflicts)), numbers=numbers or None
        )


@settings(max_examples=40, deadline=None)
@given(worlds(), st.randoms(use_true_random=False))
def test_in_any_pieces_the_persons_and_their_names_are_those_of_one_run(world, chance):
    roll = empty_roll(world[-1])
    for piece in pieces(world, chance):
        roll = grown(roll, piece).roll
    assert rolls.called(roll) == rolls.called(whole(world))
    same = ["left", "right"]
    assert roll.refused.sort(same).equals(whole(world).refused.sort(same))
    assert roll.component.tolist() == whole(world).component.tolist()


@settings(max_examples=40, deadline=None)
@given(worlds(), st.randoms(use_true_random=False))
def test_who_left_leaves_the_persons_of_those_who_stay_as_if_never_there(world, chance):
    names, edges, same, different, conflicts, numbers, rules = world
    gone = set(chance.sample(names, len(names) // 3))
    stay = [name for name in names if name not in gone]
    roll = grown(whole(world), rolls.change(left=" ".join(gone))).roll

    def kept(pairs):
        return [pair for pair in pairs if not gone & set(pair)]

    world = (
        stay,
        {pair: edges[pair] for pair in kept(edges)},
        kept(same),
        kept(different),
        kept(conflicts),
        numbers,
        rules,
    )
    assert rolls.groups(roll) == plainly(world)


@settings(max_examples=40, deadline=None)
@given(worlds(), st.randoms(use_true_random=False))
def test_every_step_conserves_records_and_tells_every_move(world, chance):
    roll = empty_roll(world[-1])
    for piece in pieces(world, chance):
        step = grown(roll, piece)
        before, after = rolls.called(roll), rolls.called(step.roll)
        names = step.roll.named(step.moves["seat"].to_numpy())["record"].to_list()
        moved = dict(zip(names, step.moves.select("from", "to").iter_rows(), strict=True))
        assert moved == {name: (old, after[name]) for name, old in before.items() if after[name] != old}
        flows = {(row["from"], row["to"]): row["records"] for row in step.events.iter_rows(named=True)}
        assert sum(flows.values()) == len(moved)
        assert not step.events.filter((pl.col("kind") == "merged") & pl.col("left").is_null()).height
        assert set(after) == set(before) | set(piece.arrived["record"])
        roll = step.roll


def test_only_what_hangs_together_is_looked_at():
    names = [f"{site}{n}" for n in range(2000) for site in "AB"]
    told = ", ".join(f"A{n}-B{n} 0.9" for n in range(2000))
    roll = grown(empty_roll(Rules(0.5)), rolls.change(" ".join(names), told)).roll
    assert grown(roll, rolls.change("C1")).looked == 1
    assert grown(roll, rolls.change("C1", "C1-A7 0.9")).looked == 3
    assert grown(roll, rolls.change("C1", "C1-A7 0.9, C1-A8 0.3")).looked == 3
    assert grown(roll, rolls.change(left="A7")).looked == 1
    assert grown(roll, rolls.change("A7", "A7-B8 0.9")).looked == 4
    assert grown(roll, rolls.change(decided="d A1-B2 same")).looked == 4
    assert grown(roll, Change(), Rules(0.6)).looked == 4000


def test_the_order_of_batches_of_a_long_history_does_not_matter_to_who_is_one_person():
    chance = random.Random(7)
    names = [f"{site}{n:03}" for site in "ABC" for n in range(150)]
    edges = {tuple(sorted(chance.sample(names, 2))): chance.choice(SCORES) for _ in range(400)}
    rules = Rules(0.5, single=frozenset("AB"), largest=40)
    found = set()
    for _ in range(3):
        world = (chance.sample(names, len(names)), edges, [], [], [], {}, rules)
        roll = empty_roll(rules)
        for piece in pieces(world, chance):
            roll = grown(roll, piece).roll
        found.add(frozenset(rolls.groups(roll)))
    assert len(found) == 1
