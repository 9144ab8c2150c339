"""Somebody who reads an answer for a while can send the next facts over the same connection."""

import http.client
import time

from tests.web.serving import serving

#: longer than the five seconds after which servers of this kind hang up unless told otherwise
READING_SECONDS = 7.0
FORM = {"Content-Type": "application/x-www-form-urlencoded"}


def test_the_server_does_not_hang_up_on_who_reads(tmp_path):
    with serving(tmp_path) as port:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60.0)
        connection.connect()
        # a browser may not send facts twice by itself, so a new connection is no help
        connection.auto_open = 0
        for _ in range(2):
            connection.request("POST", "/ask", body="question=liver", headers=FORM)
            answer = connection.getresponse()
            assert answer.status == 200
            answer.read()
            time.sleep(READING_SECONDS)
        connection.close()
