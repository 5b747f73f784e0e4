"""Reports over the warehouse database, and the documents that belong to them."""

import os
import re
from enum import Enum
from pathlib import Path
from typing import Annotated

from fastapi import APIRouter, Depends, HTTPException, Query, Request
from fastapi.responses import FileResponse, HTMLResponse, RedirectResponse
from fastapi.templating import Jinja2Templates
from pydantic import BaseModel
from sqlalchemy import bindparam, select, text
from sqlalchemy.orm import Session

from .database import engine, session_of_request
from .tables import Shipment

router = APIRouter(prefix="/reports")
templates = Jinja2Templates(directory="templates")
DOCUMENTS = Path("/srv/documents")
Db = Annotated[Session, Depends(session_of_request)]


class Period(str, Enum):
    day = "day"
    week = "week"
    month = "month"


class ShipmentQuery(BaseModel):
    carrier: str
    weight: float = 0.0
    columns: list[str] = []


def run(db: Session, statement: str) -> list[dict]:
    return [dict(row) for row in db.execute(text(statement)).mappings()]


@router.get("/shipments")
def shipments(db: Db, carrier: str = "", limit: int = 100):
    statement = f"SELECT id, carrier, weight FROM shipments WHERE carrier = '{carrier}' LIMIT {limit}"
    return {"shipments": [dict(row) for row in db.execute(text(statement)).mappings()]}


@router.get("/shipments/latest")
def latest_shipments(db: Db, carrier: str = "", limit: int = 100):
    statement = text(f"SELECT id, carrier, weight FROM shipments WHERE carrier = :carrier LIMIT {limit}")
    return {"shipments": [dict(row) for row in db.execute(statement, {"carrier": carrier}).mappings()]}


@router.get("/totals")
def totals(db: Db, period: Period = Period.day):
    statement = text(f"SELECT date_trunc('{period.value}', sent) AS t, SUM(weight) FROM shipments GROUP BY t")
    return {"totals": [tuple(row) for row in db.execute(statement)]}


@router.get("/grouped")
def grouped(db: Db, period: str = Query("day", max_length=200)):
    statement = text(f"SELECT date_trunc('{period}', sent) AS t, SUM(weight) FROM shipments GROUP BY t")
    return {"totals": [tuple(row) for row in db.execute(statement)]}


@router.post("/query")
def query_shipments(body: ShipmentQuery, db: Db):
    columns = ", ".join(body.columns) or "id"
    return {"rows": run(db, "SELECT " + columns + " FROM shipments WHERE weight > 0")}


@router.post("/pick")
def pick_shipments(body: ShipmentQuery, db: Db):
    known = {column.name: column for column in Shipment.__table__.columns}
    columns = [known[name] for name in body.columns if name in known] or [Shipment.id]
    rows = db.execute(select(*columns).where(Shipment.carrier == body.carrier)).mappings()
    return {"rows": [dict(row) for row in rows]}


@router.get("/carriers")
async def carriers(names: Annotated[list[str], Query()]):
    statement = text("SELECT name, phone FROM carriers WHERE name IN :names").bindparams(
        bindparam("names", expanding=True)
    )
    async with engine.connect() as connection:
        rows = await connection.execute(statement, {"names": names})
        return {"carriers": [tuple(row) for row in rows]}


@router.get("/raw/{table}")
async def raw_table(table: str):
    async with engine.connect() as connection:
        rows = await connection.exec_driver_sql("SELECT * FROM archive_" + table)
        return {"rows": [tuple(row) for row in rows]}


@router.get("/document")
def document(name: str):
    path = os.path.join("/srv/documents", name)
    if not os.path.exists(path):
        raise HTTPException(404)
    return FileResponse(path)


@router.get("/attachment")
def attachment(name: str):
    path = (DOCUMENTS / name).resolve()
    if not path.is_relative_to(DOCUMENTS) or not path.is_file():
        raise HTTPException(404)
    return FileResponse(path)


@router.get("/preview")
async def preview(name: str, lines: int = 20):
    path = DOCUMENTS / "previews" / name.replace("../", "")
    with path.open(encoding="utf-8") as file:
        return {"lines": [line.rstrip() for line, _ in zip(file, range(lines))]}


@router.get("/summary/{number}")
async def summary(number: int, lines: int = 20):
    path = DOCUMENTS / "summaries" / f"{number:06}.txt"
    with path.open(encoding="utf-8") as file:
        return {"lines": [line.rstrip() for line, _ in zip(file, range(lines))]}


@router.get("/card", response_class=HTMLResponse)
def card(request: Request, title: str = "Report"):
    return HTMLResponse("<html><head><title>" + title + "</title></head><body></body></html>")


@router.get("/sheet", response_class=HTMLResponse)
def sheet(request: Request, title: str = "Report"):
    return templates.TemplateResponse(request, "sheet.html", {"title": title})


@router.get("/continue")
def continue_to(to: str = "/"):
    return RedirectResponse(url=to, status_code=303)


@router.get("/forward")
def forward_to(to: str = ""):
    section = to if re.fullmatch(r"[a-z]{1,20}", to) else "overview"
    return RedirectResponse(url="/reports/" + section, status_code=303)
