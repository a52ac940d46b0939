"""Who is one person, told as plainly as it can be: no arrays, no increments. What the tests compare with."""


def components(names, edges):
    """Sets of names that hang together by the edges."""
    home = {name: {name} for name in names}
    for left, right in edges:
        if home[left] is not home[right]:
            home[left] |= home[right]
            for name in home[right]:
                home[name] = home[left]
    return list({id(each): each for each in home.values()}.values())


def cut(names, edges, rules):
    """Components of at most `largest` by stricter and stricter thresholds; yields (names, edges)."""
    waiting, steps = [(set(names), edges)], [rules.threshold, *rules.steps]
    for step in steps:
        again = []
        for some, inside in waiting:
            held = {pair: score for pair, score in inside.items() if score >= step}
            for part in components(some, held):
                own = {pair: score for pair, score in held.items() if pair[0] in part}
                if len(part) <= rules.largest or step == float("inf"):
                    yield part, own
                else:
                    again.append((part, own))
        waiting = again


def persons(records, edges, rules, same=(), different=(), conflicts=()):
    """A set of frozensets of names. `records`: name -> number or None; a name is (site, record); edges: pair -> score."""
    scores = {pair: score for pair, score in edges.items() if score >= rules.threshold}
    scores |= dict.fromkeys(same, float("inf"))
    found = set()
    for names, own in cut(records, scores, rules):
        found |= {frozenset(each) for each in greedy(names, own, records, rules, different, conflicts)}
    return found


def greedy(names, edges, numbers, rules, different, conflicts):
    clusters = {name: {name} for name in names}
    overruled = {}
    for pair in sorted(edges, key=lambda pair: (-edges[pair], pair)):
        here, there = clusters[pair[0]], clusters[pair[1]]
        decided = edges[pair] == float("inf")
        if here is there or not (
            decided or allowed(here, there, edges, numbers, rules, different, conflicts, overruled)
        ):
            continue
        known = ({numbers[name] for name in each} - {None} for each in (here, there))
        first, second = known
        flag = overruled.get(id(here), False) or overruled.get(id(there), False)
        flag |= bool(decided and first and second and first != second)
        here |= there
        overruled[id(here)] = flag
        for name in there:
            clusters[name] = here
    return {id(each): each for each in clusters.values()}.values()


def allowed(here, there, edges, numbers, rules, different, conflicts, overruled):
    pairs = [(min(a, b), max(a, b)) for a in here for b in there]
    if any(pair in different for pair in pairs):
        return False
    if {name[0] for name in here} & {name[0] for name in there} & rules.single:
        return False
    of_here = {numbers[name] for name in here if overruled.get(id(here))}
    of_there = {numbers[name] for name in there if overruled.get(id(there))}
    for a in here:
        for b in there:
            pair = (min(a, b), max(a, b))
            if pair in edges:
                continue
            if pair in conflicts:
                return False
            first, second = numbers[a], numbers[b]
            if None not in (first, second) and first != second and second not in of_here and first not in of_there:
                return False
    return True
