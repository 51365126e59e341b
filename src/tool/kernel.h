/*
 * kernel.h - `mlc kernel`: mlc in Jupyter notebooks
 *
 * `mlc kernel install` tells Jupyter of the kernel; Jupyter then starts
 * `mlc kernel run CONNECTION_FILE`, which answers the messages of protocol
 * 5.3 (https://jupyter-client.readthedocs.io/en/stable/messaging.html).
 */
#ifndef MLC_TOOL_KERNEL_H
#define MLC_TOOL_KERNEL_H

/* The arguments after `kernel`; the exit status. */
int tool_kernel(int argc, char **argv);

#endif
