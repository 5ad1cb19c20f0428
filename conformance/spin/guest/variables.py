from spin_sdk.wit.imports.fermyon_spin_variables_2_0_0 import Error_InvalidName, Error_Undefined, get

from support import fails_with


def run(_request):
    assert get("variable") == "value"
    fails_with(Error_Undefined, get, "non_existent")
    for name in ["invalid-name", "invalid!name", "4invalidname"]:
        fails_with(Error_InvalidName, get, name)
    return 200, ""
