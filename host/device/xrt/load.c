/* load.c - an xclbin onto the card: the checked image in memory, never the file (xrt.md 2, 6.3). */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../card_banks.h"
#include "private.h"

/* Modes of an xclbin (xrt.md 6.1). */
enum { MODE_HW_EMU = 4, MODE_SW_EMU = 5, MODE_HW_EMU_PR = 6 };

typedef char uuid_text[37];

static const char *show(uuid_text text, const uint8_t *u)
{
    snprintf(text, sizeof(uuid_text),
             "%02x%02x%02x%02x-%02x%02x-%02x%02x-%02x%02x-%02x%02x%02x%02x%02x%02x", u[0], u[1],
             u[2], u[3], u[4], u[5], u[6], u[7], u[8], u[9], u[10], u[11], u[12], u[13], u[14],
             u[15]);
    return text;
}

/* "" for a file of hardware, else the value XCL_EMULATION_MODE has to have. */
static const char *mode_of(const struct lunq_card *card)
{
    if (card->mode == MODE_SW_EMU)
        return "sw_emu";
    return card->mode == MODE_HW_EMU || card->mode == MODE_HW_EMU_PR ? "hw_emu" : "";
}

/* The shims of the emulations end the process when they get another kind of file; noop takes all. */
static int check_mode(const struct lunq_card *card, struct lunq_error *err)
{
    const char *have = getenv("XCL_EMULATION_MODE"), *want = mode_of(card);
    have = have ? have : "";
    if (!strcmp(have, "noop") || !strcmp(have, want))
        return 0;
    return lunq_fail(err, LUNQ_VALUE,
                     "The xclbin was built for %s, but XCL_EMULATION_MODE is %s: build it for the "
                     "target in use, or change the variable before LUNQ starts.",
                     *want ? want : "hardware", *have ? have : "not set, which means a card");
}

static int check(struct xrt_card *c, const struct lunq_program *p, struct lunq_error *err)
{
    const struct lunq_card *card = &p->design->card;
    if (p->region)
        return lunq_fail(err, LUNQ_UNSUPPORTED,
                         "Device %s loads whole designs: a card under XRT has no region %s.",
                         c->dev.name, p->region);
    if (!card->image)
        return lunq_fail(err, LUNQ_VALUE,
                         "Device %s loads .xclbin files; this design has none in it "
                         "(lunq.xclbin.write makes one of a table with kernels).",
                         c->dev.name);
    return check_mode(card, err);
}

static const char *or_unknown(const char *platform)
{
    return platform && *platform ? platform : "(not said)";
}

static int load_failed(struct xrt_card *c, const struct lunq_card *card, int code,
                       struct lunq_error *err)
{
    char said[512], hint[256] = "";
    xrt_said(said, sizeof said);
    if (*c->platform && card->platform && strcmp(c->platform, card->platform) != 0)
        snprintf(hint, sizeof hint,
                 " The card's platform is %s, the file was built for %s: build it for the card, or "
                 "flash the card.",
                 c->platform, or_unknown(card->platform));
    else
        snprintf(
            hint, sizeof hint,
            " Another program may be using the card, or buffers may still be allocated on it.");
    lunq_fail(err, LUNQ_DEVICE, "Programming Device failed: card %s, code %d. %s%s", c->dev.name,
              code, said, hint);
    return lunq_fault(err);
}

/* What XRT says is on the card must be the file: runs would go to other hardware (xrt.md 6.3, rule 8). */
static int compare_uuid(struct xrt_card *c, const struct lunq_card *card, struct lunq_error *err)
{
    uint8_t loaded[16] = {0};
    uuid_text a, b;
    if (card->has_uuid && c->xrt->device_uuid(c->handle, loaded) == 0 &&
        memcmp(loaded, card->uuid, sizeof loaded) == 0)
        return 0;
    lunq_fail(err, LUNQ_DEVICE,
              "Programming Device failed: card %s (platform %s) has the design %s after loading %s "
              "(platform %s). Another program may have loaded it.",
              c->dev.name, or_unknown(c->platform), show(a, loaded), show(b, card->uuid),
              or_unknown(card->platform));
    return lunq_fault(err);
}

/* ---- memories ------------------------------------------------------------------------------ */

void xrt_forget_design(struct xrt_card *c)
{
    free(c->dev.banks);
    free(c->used);
    c->dev.banks = NULL;
    c->used = NULL;
    c->dev.n_banks = 0;
    lunq_design_unref(c->design);
    c->design = NULL;
}

static int make_banks(struct xrt_card *c, struct lunq_design *design, struct lunq_error *err)
{
    size_t n, by_default;
    struct lunq_bank *banks = lunq_card_banks(design, &n, &by_default);
    uint64_t *used = calloc(n + 1, sizeof *used);
    if (!banks || !used) {
        free(banks);
        free(used);
        return lunq_fail(err, LUNQ_MEMORY, "Out of memory.");
    }
    xrt_forget_design(c);
    c->design = lunq_design_ref(design);
    c->dev.default_bank = by_default;
    c->dev.banks = banks;
    c->dev.n_banks = n;
    c->used = used;
    return 0;
}

/* ---- loading ------------------------------------------------------------------------------- */

int xrt_program(struct lunq_device *d, const struct lunq_program *p, struct lunq_error *err)
{
    struct xrt_card *c = xrt_card(d);
    const struct lunq_card *card = &p->design->card;
    int code, r = check(c, p, err);
    if (r == 0)
        r = lunq_card_check_buffers(d, c->design, p->design, err);
    if (r < 0)
        return r;
    xrt_close_windows(c);
    code = c->xrt->device_load(c->handle, card->image);
    xrt_exit_after(XRT_PART_LOAD);
    if (code != 0)
        return load_failed(c, card, code, err);
    r = compare_uuid(c, card, err);
    return r < 0 ? r : make_banks(c, p->design, err);
}
