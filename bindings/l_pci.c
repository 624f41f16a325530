/* l_pci.c - what Linux shows of PCI functions, whether a device is open or not.
 *   core.pci_functions("")  --> { { address = "0000:65:00.0", vendor = 0x10ee, device = 0x7024,
 *     class = 0x058000, driver = "vfio-pci", group = 12, usable = true }, ... } */
#include "../host/device/pci/pci.h"
#include "lunq_lua.h"

static void push_function(lua_State *L, const struct lunq_pci_function *f)
{
    lua_createtable(L, 0, 7);
    l_set_text(L, "address", f->address);
    l_set_integer(L, "vendor", f->vendor);
    l_set_integer(L, "device", f->device);
    l_set_integer(L, "class", f->class);
    if (f->driver[0])
        l_set_text(L, "driver", f->driver);
    if (f->group >= 0)
        l_set_integer(L, "group", f->group);
    l_set_boolean(L, "usable", f->usable);
}

/* core.pci_functions([root]): all functions of PCI by address, below a folder that stands for "/". usable:
 * their driver is one that lets the device `pci` have them; driver and group (of the IOMMU) are nil where
 * there is none. */
static int pci_functions(lua_State *L)
{
    enum { MOST = 512 };
    const char *root = lua_isnoneornil(L, 1) ? "" : l_checkstr(L, 1, "root", NULL);
    struct lunq_pci_function *f = lua_newuserdatauv(L, MOST * sizeof *f, 0);
    size_t n = lunq_pci_functions(root, f, MOST);
    lua_newtable(L);
    for (size_t i = 0; i < n && i < MOST; i++) {
        push_function(L, &f[i]);
        lua_rawseti(L, -2, (lua_Integer)i + 1);
    }
    return 1;
}

void l_open_pci(lua_State *L)
{
    lua_pushcfunction(L, pci_functions);
    lua_setfield(L, -2, "pci_functions");
}
