/* l_design.h - what the files about designs share. */
#ifndef LUNQ_L_DESIGN_H
#define LUNQ_L_DESIGN_H

#include "lunq_lua.h"

/* Userdata lunq.Design: one reference to a struct lunq_design, NULL until it is there. */
struct l_design {
    struct lunq_design *d;
};

/* Pushes the table of dictionaries (see l_dictionaries.c). */
int l_design_dictionaries(lua_State *L);
/* Adds the registers of a block (NULL: none) to the table on top of the stack, as in ip_dict. */
void l_design_add_registers(lua_State *L, const struct lunq_block *b);
/* Adds what a card has to the tables at these stack indices, all there already (see l_card.c). */
void l_design_add_card(lua_State *L, const struct lunq_design *d, int out, int ip_dict,
                       int mem_dict);
/* Pushes "6c41dbdb-206e-...", or the digits alone. */
void l_push_uuid(lua_State *L, const uint8_t *uuid, bool dashes);
/* d:external_pins() (see l_design_pins.c). */
int l_design_external_pins(lua_State *L);
/* d:guards(region) (likewise). */
int l_design_guards(lua_State *L);
/* d:xclbin(options) (see l_xclbin.c). */
int l_design_xclbin(lua_State *L);
/* d:section(name) (likewise). */
int l_design_section(lua_State *L);
/* core.design_from_table(t) --> lunq.Design (see l_design_table.c). */
int l_design_from_table(lua_State *L);
/* Adds core.bitstream_read (see l_bitstream.c). */
void l_open_bitstream(lua_State *L);
/* Adds core.fdt_* (see l_fdt.c). */
void l_open_fdt(lua_State *L);
/* The tree of the userdata lunq.DeviceTree at idx. */
const struct lunq_dt *l_check_dt(lua_State *L, int idx);
/* Adds core.overlay_* (see l_overlay.c). */
void l_open_overlay(lua_State *L);

#endif
