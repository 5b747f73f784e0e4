import logging

logger = logging.getLogger(__name__)


def login(name, password):
    # ruleid: py-secret-in-log
    logger.info("login of %s with %s", name, password)


def refresh(session):
    # ruleid: py-secret-in-log
    logging.debug(f"got {session.access_token} for {session.user}")


def connect(settings):
    # ruleid: py-secret-in-log
    logger.error("cannot connect with key {}".format(settings.api_key))


def start(config):
    # ruleid: py-secret-in-log
    logger.warning("secret is %s" % config["client_secret"])


def changed(name):
    # ok: py-secret-in-log
    logger.info("password of %s changed", name)


def counted(max_tokens):
    # ok: py-secret-in-log
    logger.info("limit is %d", max_tokens)


def hashed(user):
    # ok: py-secret-in-log
    logger.debug("stored %s", user.password_hash)


def stepped(session):
    # ok: py-secret-in-log
    logger.info("token refreshed for %s", session.user)


def sized(parser, tokens):
    # ok: py-secret-in-log
    logger.debug("read %d tokens of %s", len(tokens), parser)
