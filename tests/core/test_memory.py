"""Remembering what was made, without ever handing out what belongs to another key."""

from community.core.memory import Memory, remembered, remembered_by_values


def test_what_is_kept_is_found_under_its_own_key_alone() -> None:
    memory: Memory[tuple[int, str], str] = Memory(10)
    memory.keep((1, "de"), "eins")
    assert memory.find((1, "de")) == "eins"
    assert memory.find((1, "en")) is None


def test_when_it_is_full_one_goes_for_each_that_comes() -> None:
    memory: Memory[int, int] = Memory(100)
    for number in range(1000):
        memory.keep(number, -number)
        assert memory.find(number) == -number, "the newest is always there"
    assert len(memory) == 100
    assert all(memory.find(number) in (None, -number) for number in range(1000))


def test_keeping_a_key_again_replaces_what_was_there() -> None:
    memory: Memory[str, int] = Memory(2)
    for made in (1, 2, 3):
        memory.keep("a", made)
    assert (len(memory), memory.find("a")) == (1, 3)


def test_a_little_more_than_there_is_room_for_is_still_found_mostly() -> None:
    made: list[int] = []

    @remembered(100)
    def double(number: int) -> int:
        made.append(number)
        return 2 * number

    for _round in range(20):
        assert [double(number) for number in range(110)] == [2 * number for number in range(110)]
    assert len(made) < 20 * 110 / 2


def test_a_row_is_taken_apart_once_whatever_object_brings_it() -> None:
    class Row(dict):
        """Like a row of either driver: iterates over its values."""

        def __iter__(self):
            return iter(self.values())

    made: list[dict] = []

    @remembered_by_values(10)
    def name_of(row: Row) -> str:
        made.append(row)
        return row["name"].upper()

    rows = [Row(id=1, name="a"), Row(id=1, name="a"), Row(id=1, name="b")]
    assert [name_of(row) for row in rows] == ["A", "A", "B"]
    assert made == [rows[0], rows[2]]
