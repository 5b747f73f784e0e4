from fastapi.responses import HTMLResponse
from jinja2 import Environment, FileSystemLoader, Template, select_autoescape

# ruleid: py-jinja-autoescape-off
pages = Environment(loader=FileSystemLoader("templates"), autoescape=False)


def profile(user):
    # ruleid: py-jinja-autoescape-off
    env = Environment(loader=FileSystemLoader("templates"))
    return env.get_template("profile.html").render(user=user)


def board(posts):
    # ruleid: py-jinja-autoescape-off
    env = Environment(loader=FileSystemLoader("pages"), trim_blocks=True)
    page = env.get_template("board")
    return HTMLResponse(page.render(posts=posts))


def comment(text):
    # ruleid: py-jinja-autoescape-off
    return Template("<p>{{ text }}</p>", autoescape=False).render(text=text)


def profile_safely(user):
    # ok: py-jinja-autoescape-off
    env = Environment(loader=FileSystemLoader("templates"), autoescape=True)
    return env.get_template("profile.html").render(user=user)


def board_safely(posts):
    # ok: py-jinja-autoescape-off
    env = Environment(loader=FileSystemLoader("pages"), autoescape=select_autoescape())
    return env.get_template("board.html").render(posts=posts)


def config_file(values):
    # ok: py-jinja-autoescape-off
    env = Environment(loader=FileSystemLoader("config"))
    return env.get_template("nginx.conf.j2").render(values)


def by_options(options):
    # ok: py-jinja-autoescape-off
    env = Environment(**options)
    return env.get_template("page.html")
