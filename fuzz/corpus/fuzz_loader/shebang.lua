#!/usr/bin/lunq
print "x"
