"""Circles in who thanks whom, however long the way round them is."""

from __future__ import annotations

from community.ranks.gaming import find_rings


def test_a_long_chain_is_no_ring_and_its_end_may_be_one() -> None:
    def gives(giver: int, receiver: int) -> dict[str, int]:
        return {"giver": giver, "receiver": receiver, "acts": 5, "given_in_all": 10, "received_in_all": 10}

    chain = [gives(number, number + 1) for number in range(5000)]
    assert find_rings(chain) == []
    assert [finding.members for finding in find_rings([*chain, gives(5000, 4998)])] == [(4998, 4999, 5000)]
    two = [gives(1, 2), gives(2, 1), gives(2, 3), gives(3, 4), gives(4, 3)]
    assert sorted(finding.members for finding in find_rings(two)) == [(1, 2), (3, 4)]
