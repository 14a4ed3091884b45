"""What tests share. Plain asserts in here tell their values like those in tests."""

import pytest

for _helper in ("calling", "sheet_xml"):
    pytest.register_assert_rewrite(f"{__name__}.{_helper}")
