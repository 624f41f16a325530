include $(sort $(wildcard $(BR2_EXTERNAL_LUNQ_PATH)/package/*/*.mk))
