"""A scan by a script, as one would write it: what `benchmarks/dast.py` measures devsecops beside."""

from __future__ import annotations

import json
import sys
import time
from typing import Any

from zapv2 import ZAPv2

daemon, key, target, threads, delay_ms, strength, urls = json.loads(sys.argv[1])
zap: Any = ZAPv2(apikey=key, proxies={"http": daemon, "https": daemon}, validate_status_code=True)


def wait(status: Any, number: str) -> None:
    """Wait until a scan is over."""
    while int(status(number)) < 100:
        time.sleep(0.1)


def seed() -> None:
    """Send what is known."""
    for url in urls:
        host = target.partition("//")[2]
        zap.core.send_request(f"GET {target}{url} HTTP/1.1\r\nHost: {host}\r\n\r\n", followredirects="false")


context = zap.context.new_context("site")
zap.context.include_in_context("site", target.replace(".", r"\.") + "(?:[/?#].*)?")
zap.core.set_mode("protect")
seed()
zap.spider.set_option_thread_count(threads)
zap._request(f"{zap.base}spider/action/setOptionRequestWaitTime/", {"Integer": delay_ms})
zap.spider.set_option_post_form("false")
wait(zap.spider.status, zap.spider.scan(f"{target}/", contextname="site"))
zap.ascan.set_option_thread_per_host(threads)
zap.ascan.set_option_delay_in_ms(delay_ms)
zap.ascan.set_option_max_rule_duration_in_mins("5")
zap.ascan.set_option_scan_headers_all_requests("true")
zap.ascan.set_option_target_params_injectable(35)
zap.ascan.add_scan_policy("mine", alertthreshold="MEDIUM", attackstrength=strength.upper())
seed()
number = zap.ascan.scan(target, recurse="true", inscopeonly="true", scanpolicyname="mine", contextid=context)
wait(zap.ascan.status, number)
found = {(one["pluginId"], one["method"], one["param"]) for one in zap.core.alerts(target)}
print(json.dumps(sorted(found)))
