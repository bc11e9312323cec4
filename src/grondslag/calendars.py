"""Working days. Which days are holidays is data (`rules/tables/`); the dates of movable ones come from the `holidays` library."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import lru_cache
from typing import Any

_SATURDAY = 5


@dataclass(frozen=True, slots=True)
class Calendar:
    """A calendar of working days: no Saturdays, Sundays, or the named holidays of a country.

    Args:
        country: ISO code known to the `holidays` library.
        names: English names of the holidays that count, as that library gives them.
        categories: categories of that library to look in.
        extra: further days that count as holidays.
    """

    id: str
    country: str
    names: tuple[str, ...]
    categories: tuple[str, ...] = ("public",)
    extra: frozenset[date] = frozenset()
    title: tuple[str, str] = field(default=("", ""), compare=False)

    def is_working_day(self, day: date) -> bool:
        return day.weekday() < _SATURDAY and day not in _holidays(self, day.year)

    def next_working_day(self, day: date) -> date:
        """`day` itself when it is a working day, else the first one after it."""
        while not self.is_working_day(day):
            day += timedelta(days=1)
        return day

    def add_working_days(self, day: date, count: int) -> date:
        """The `count`-th working day after `day`; `day` itself for 0 or less.

        Raises:
            OverflowError: more than ten thousand days are asked for.
        """
        if count > 10_000:
            raise OverflowError(f"{count} working days is more than this calendar counts")
        for _ in range(count):
            day = self.next_working_day(day + timedelta(days=1))
        return day

    def working_days_between(self, start: date, end: date) -> int:
        """Working days after `start` up to and including `end`; 0 when `end` is not later.

        Raises:
            OverflowError: the dates lie more than fifty years apart.
        """
        if (end - start).days > 18_300:
            raise OverflowError("more than fifty years of working days")
        return sum(self.is_working_day(start + timedelta(days=n)) for n in range(1, (end - start).days + 1))

    def holiday_name(self, day: date) -> str | None:
        """The English name of the holiday on `day`, if it is one."""
        return _holidays(self, day.year).get(day)


@lru_cache(maxsize=1024)
def _holidays(calendar: Calendar, year: int) -> dict[date, str]:
    from holidays import country_holidays

    wanted = {day: calendar.title[0] for day in calendar.extra if day.year == year}
    # Named one by one: the library counts some days as public only in some years.
    days: Any = country_holidays(calendar.country, years=year, language="en_US", categories=calendar.categories)
    for day, names in days.items():
        for name in names.split("; "):
            if name in calendar.names:
                wanted[day] = name
    return wanted
