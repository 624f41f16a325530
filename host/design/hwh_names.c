#include "hwh_names.h"

#include <string.h>

/* A word's slot is found by its length and two letters; a few thousand lookups per millisecond
 * are asked for, so a chain of strcmp would be a good part of the reader's time. */
#define SLOTS 256

struct word {
    const char *text;
    int id;
};

struct index {
    const struct word *words;
    unsigned char slot[SLOTS]; /* 1 + number of the word; 0: empty */
    int ready;
};

static const struct word elements[] = {
    {"EDKSYSTEM", E_EDKSYSTEM},
    {"SYSTEMINFO", E_SYSTEMINFO},
    {"STSTEMINFO", E_SYSTEMINFO}, /* so spelled in one file seen */
    {"EXTERNALPORTS", E_EXTERNALPORTS},
    {"EXTERNALINTERFACES", E_EXTERNALINTERFACES},
    {"MODULE", E_MODULE},
    {"PORT", E_PORT},
    {"BUSINTERFACE", E_BUSINTERFACE},
    {"PARAMETER", E_PARAMETER},
    {"PORTMAP", E_PORTMAP},
    {"MEMRANGE", E_MEMRANGE},
    {"ADDRESSBLOCK", E_ADDRESSBLOCK},
    {"REGISTER", E_REGISTER},
    {"FIELD", E_FIELD},
    {"PROPERTY", E_PROPERTY},
    {"MODULES", E_OTHER},
    {"PORTS", E_OTHER},
    {"BUSINTERFACES", E_OTHER},
    {"PARAMETERS", E_OTHER},
    {"PORTMAPS", E_OTHER},
    {"MEMORYMAP", E_OTHER},
    {"ADDRESSBLOCKS", E_OTHER},
    {"REGISTERS", E_OTHER},
    {"FIELDS", E_OTHER},
    {"CONNECTIONS", E_OTHER},
    {"CONNECTION", E_OTHER},
    {"DOCUMENTS", E_OTHER},
    {"DOCUMENT", E_OTHER},
    {"PERIPHERALS", E_OTHER},
    {"PERIPHERAL", E_OTHER},
    {"REPOSITORIES", E_OTHER}, /* this and the next three: 2014 only */
    {"INTERRUPTINFO", E_OTHER},
    {"SOURCE", E_OTHER},
    {"TARGET", E_OTHER},
    {NULL, E_UNKNOWN}};

static const struct word attributes[] = {{"NAME", A_NAME},
                                         {"VALUE", A_VALUE},
                                         {"VIVADOVERSION", A_VIVADOVERSION},
                                         {"ARCH", A_ARCH},
                                         {"DEVICE", A_DEVICE},
                                         {"BOARD", A_BOARD},
                                         {"DIR", A_DIR},
                                         {"SIGIS", A_SIGIS},
                                         {"SIGNAME", A_SIGNAME},
                                         {"LEFT", A_LEFT},
                                         {"RIGHT", A_RIGHT},
                                         {"CLKFREQUENCY", A_CLKFREQUENCY},
                                         {"POLARITY", A_POLARITY},
                                         {"SENSITIVITY", A_SENSITIVITY},
                                         {"BUSNAME", A_BUSNAME},
                                         {"TYPE", A_TYPE},
                                         {"VLNV", A_VLNV},
                                         {"DATAWIDTH", A_DATAWIDTH},
                                         {"PHYSICAL", A_PHYSICAL},
                                         {"LOGICAL", A_LOGICAL},
                                         {"INSTANCE", A_INSTANCE},
                                         {"FULLNAME", A_FULLNAME},
                                         {"MODTYPE", A_MODTYPE},
                                         {"BD", A_BD},
                                         {"BDTYPE", A_BDTYPE},
                                         {"BASEVALUE", A_BASEVALUE},
                                         {"HIGHVALUE", A_HIGHVALUE},
                                         {"MEMTYPE", A_MEMTYPE},
                                         {"ADDRESSBLOCK", A_ADDRESSBLOCK},
                                         {"SLAVEBUSINTERFACE", A_SLAVEBUSINTERFACE},
                                         {"MASTERBUSINTERFACE", A_MASTERBUSINTERFACE},
                                         {"INTERFACE", A_INTERFACE},
                                         {"RANGE", A_RANGE},
                                         {"ACCESS", A_ACCESS},
                                         {"USAGE", A_USAGE},
                                         {"EDWVERSION", A_OTHER},
                                         {"TIMESTAMP", A_OTHER},
                                         {"PACKAGE", A_OTHER},
                                         {"SPEEDGRADE", A_OTHER},
                                         {"IS_ENABLE", A_OTHER},
                                         {"IPTYPE", A_OTHER},
                                         {"HWVERSION", A_OTHER},
                                         {"MODCLASS", A_OTHER},
                                         {"COREREVISION", A_OTHER},
                                         {"DRIVERMODE", A_OTHER},
                                         {"SIM_BD", A_OTHER},
                                         {"IS_PL", A_OTHER},
                                         {"HARDIP", A_OTHER},
                                         {"CONFIGURABLE", A_OTHER},
                                         {"PROCTYPE", A_OTHER},
                                         {"SLR_NUMBER", A_OTHER},
                                         {"SOURCE", A_OTHER},
                                         {"POLARITY", A_OTHER},
                                         {"IRQID", A_OTHER},
                                         {"PORT", A_OTHER},
                                         {"BASENAME", A_OTHER},
                                         {"HIGHNAME", A_OTHER},
                                         {"IS_DATA", A_OTHER},
                                         {"IS_INSTRUCTION", A_OTHER},
                                         {"ACCESSTYPE", A_OTHER},
                                         {"ATRUSTZONE", A_OTHER},
                                         {NULL, A_UNKNOWN}};

static const struct word properties[] = {{"DESCRIPTION", P_DESCRIPTION},
                                         {"ADDRESS_OFFSET", P_ADDRESS_OFFSET},
                                         {"SIZE", P_SIZE},
                                         {"ACCESS", P_ACCESS},
                                         {"RESET_VALUE", P_RESET_VALUE},
                                         {"IS_ENABLED", P_IS_ENABLED},
                                         {"MODIFIED_READ_VALUES", P_MODIFIED_READ_VALUES},
                                         {"READ_ACTION", P_READ_ACTION},
                                         {"BIT_OFFSET", P_BIT_OFFSET},
                                         {"BIT_WIDTH", P_BIT_WIDTH},
                                         {"WRITE_CONSTRAINT", P_OTHER},
                                         {NULL, P_UNKNOWN}};

static unsigned slot_of(const char *s)
{
    size_t n = strlen(s);
    return n ? (unsigned)(n * 37 + (unsigned char)s[0] * 3 + (unsigned char)s[n / 2] * 11 +
                          (unsigned char)s[n - 1] * 29) %
                   SLOTS
             : 0;
}

static int look_up(struct index *x, const char *s)
{
    unsigned i = slot_of(s);
    if (!x->ready) {
        for (int w = 0; x->words[w].text; w++) {
            unsigned j = slot_of(x->words[w].text);
            while (x->slot[j])
                j = (j + 1) % SLOTS;
            x->slot[j] = (unsigned char)(w + 1);
        }
        x->ready = 1;
    }
    for (; x->slot[i]; i = (i + 1) % SLOTS)
        if (!strcmp(x->words[x->slot[i] - 1].text, s))
            return x->words[x->slot[i] - 1].id;
    return 0;
}

enum hwh_element hwh_element(const char *name)
{
    static struct index x = {.words = elements};
    return (enum hwh_element)look_up(&x, name);
}

enum hwh_attribute hwh_attribute(const char *name)
{
    static struct index x = {.words = attributes};
    return (enum hwh_attribute)look_up(&x, name);
}

enum hwh_property hwh_property(const char *name)
{
    static struct index x = {.words = properties};
    return (enum hwh_property)look_up(&x, name);
}
