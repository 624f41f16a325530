/* hwh_names.h - the words of an HWH file (hwh.md section 3) and how to recognise them. */
#ifndef LUNQ_HWH_NAMES_H
#define LUNQ_HWH_NAMES_H

/* Elements the reader looks at; E_OTHER are known and hold nothing we use. */
enum hwh_element {
    E_UNKNOWN,
    E_OTHER,
    E_EDKSYSTEM,
    E_SYSTEMINFO,
    E_EXTERNALPORTS,
    E_EXTERNALINTERFACES,
    E_MODULE,
    E_PORT,
    E_BUSINTERFACE,
    E_PARAMETER,
    E_PORTMAP,
    E_MEMRANGE,
    E_ADDRESSBLOCK,
    E_REGISTER,
    E_FIELD,
    E_PROPERTY
};

enum hwh_attribute {
    A_UNKNOWN,
    A_OTHER,
    A_NAME,
    A_VALUE,
    A_VIVADOVERSION,
    A_ARCH,
    A_DEVICE,
    A_BOARD,
    A_DIR,
    A_SIGIS,
    A_SIGNAME,
    A_LEFT,
    A_RIGHT,
    A_CLKFREQUENCY,
    A_POLARITY,
    A_SENSITIVITY,
    A_BUSNAME,
    A_TYPE,
    A_VLNV,
    A_DATAWIDTH,
    A_PHYSICAL,
    A_LOGICAL,
    A_INSTANCE,
    A_FULLNAME,
    A_MODTYPE,
    A_BD,
    A_BDTYPE,
    A_BASEVALUE,
    A_HIGHVALUE,
    A_MEMTYPE,
    A_ADDRESSBLOCK,
    A_SLAVEBUSINTERFACE,
    A_MASTERBUSINTERFACE,
    A_INTERFACE,
    A_RANGE,
    A_ACCESS,
    A_USAGE,
    A_COUNT
};

/* NAMEs of PROPERTY elements. */
enum hwh_property {
    P_UNKNOWN,
    P_OTHER,
    P_DESCRIPTION,
    P_ADDRESS_OFFSET,
    P_SIZE,
    P_ACCESS,
    P_RESET_VALUE,
    P_IS_ENABLED,
    P_MODIFIED_READ_VALUES,
    P_READ_ACTION,
    P_BIT_OFFSET,
    P_BIT_WIDTH
};

enum hwh_element hwh_element(const char *name);
enum hwh_attribute hwh_attribute(const char *name);
enum hwh_property hwh_property(const char *name);

#endif
