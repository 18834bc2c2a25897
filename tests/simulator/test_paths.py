"""An id is one part of a path; what goes on behind it is no integration."""

import httpx
import pytest

from integrations.models import Tenant
from integrations.simulator.app import Simulator
from tests.conftest import API_KEY, Connect
from tests.nearby import Nearby


@pytest.mark.exhaustive(keep=4)
@pytest.mark.parametrize("more", ["/anything", "/", "/relink/again", "/integration-fields/x/y"])
@pytest.mark.parametrize("method", ["GET", "DELETE", "POST"])
def test_what_goes_on_behind_an_id_is_no_integration(
    method: str, more: str, acme: Tenant, connect: Connect, kombo: Simulator
) -> None:
    made = connect(acme)
    headers = {"Authorization": f"Bearer {API_KEY}"}
    url = f"{kombo.public_url}/v1/integrations/{made.integration_id}"
    with httpx.Client(transport=Nearby(kombo), headers=headers) as client:
        answer = client.request(method, url + more)
        assert answer.status_code == 404
        assert answer.json()["error"]["code"] is None
        assert answer.json()["error"]["message"].startswith(f"Cannot {method} ")
        assert client.get(url).status_code == 200, "it is still there"
