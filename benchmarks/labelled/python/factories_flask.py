"""Application factories of the three sites, and their start."""

import logging
import os
import traceback

from flask import Flask, jsonify, request
from flask_cors import CORS
from flask_sqlalchemy import SQLAlchemy
from flask_wtf.csrf import CSRFProtect

db = SQLAlchemy()
csrf = CSRFProtect()
log = logging.getLogger(__name__)


def shop_site():
    app = Flask("shop")
    app.config["SECRET_KEY"] = "k3-flask-shop-2021-prod"
    db.init_app(app)
    return app


def admin_site():
    app = Flask("admin")
    app.config["SECRET_KEY"] = os.environ["ADMIN_SECRET_KEY"]
    db.init_app(app)
    return app


def partner_site():
    app = Flask("partner")
    app.config.from_mapping(
        SECRET_KEY=os.urandom(32), SQLALCHEMY_DATABASE_URI="postgresql://partner:Qm4vT9xw@db.internal/partner"
    )
    db.init_app(app)
    return app


def stock_site():
    app = Flask("stock")
    user, password = os.environ["STOCK_USER"], os.environ["STOCK_PASSWORD"]
    app.config.from_mapping(SQLALCHEMY_DATABASE_URI=f"postgresql://{user}:{password}@db.internal/stock")
    db.init_app(app)
    return app


def configure_sessions(app):
    app.config.update(
        SESSION_COOKIE_SECURE=False, SESSION_COOKIE_HTTPONLY=False, PERMANENT_SESSION_LIFETIME=86400
    )
    return app


def configure_cookies(app):
    app.config.update(
        SESSION_COOKIE_SECURE=True, SESSION_COOKIE_HTTPONLY=True, SESSION_COOKIE_SAMESITE="Lax"
    )
    return app


def configure_forms(app):
    app.config["WTF_CSRF_ENABLED"] = False
    csrf.init_app(app)
    return app


def configure_inputs(app):
    app.config["WTF_CSRF_TIME_LIMIT"] = 1800
    csrf.init_app(app)
    return app


def configure_origins(app):
    CORS(app, origins="*", supports_credentials=True)
    return app


def configure_embedding(app):
    CORS(app, resources={r"/public/*": {"origins": ["https://shop.example"]}}, supports_credentials=True)
    return app


def configure_catalogue(app):
    CORS(app, resources={r"/catalogue/*": {"origins": "*"}}, supports_credentials=False)
    return app


def register_errors(app):
    @app.errorhandler(Exception)
    def failed(error):
        return jsonify(error=str(error), trace=traceback.format_exc()), 500

    return app


def register_failures(app):
    @app.errorhandler(Exception)
    def failed(error):
        log.exception("request to %r failed", request.path)
        return jsonify(error="internal error"), 500

    return app


def serve_shop(port=8080):
    app = configure_cookies(shop_site())
    app.run(host="127.0.0.1", port=port, debug=True)


def serve_admin(port=8081):
    app = configure_cookies(admin_site())
    app.run(host="127.0.0.1", port=port, debug=os.environ.get("ADMIN_SITE_MODE") == "development")


def serve_stock(port=8082):
    app = configure_cookies(stock_site())
    app.config["DEBUG"] = False
    app.run(host="127.0.0.1", port=port)
