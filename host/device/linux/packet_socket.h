/* packet_socket.h - sockets of services on this machine that take one packet and answer with one
 * (SOCK_SEQPACKET): lunq-helper's, dfx-mgr's. */
#ifndef LUNQ_LINUX_PACKET_SOCKET_H
#define LUNQ_LINUX_PACKET_SOCKET_H

/* A connection; sending and receiving give up with EAGAIN after `seconds`. -1, with errno: ENAMETOOLONG for a
 * path that no socket can have. */
int lx_packet_socket(const char *path, int seconds);

#endif
