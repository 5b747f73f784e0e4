import re

# ruleid: py-regex-catastrophic
NAME = re.compile(r"^(\w+)+$")


def is_mail(text):
    # ruleid: py-regex-catastrophic
    return re.match(r"^([a-zA-Z0-9])(([\-.]|[_]+)?([a-zA-Z0-9]+))*(@){1}([a-z]+)+\.com$", text)


def is_list(text):
    # ruleid: py-regex-catastrophic
    return re.fullmatch("(?:[a-z]*)*,", text) is not None


def is_word(text):
    # ok: py-regex-catastrophic
    return re.match(r"^\w+$", text)


def words(text):
    # ok: py-regex-catastrophic
    return re.match(r"^(\w+,)*\w+$", text)


def numbers(text):
    # ok: py-regex-catastrophic
    return re.findall(r"(\d+)", text)


def any_of(text):
    # ok: py-regex-catastrophic
    return re.sub(r"(a|b)+", "", text)
