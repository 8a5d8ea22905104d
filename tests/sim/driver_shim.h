/* A simulated core, for a C program. See driver_shim.cpp. */
#ifndef DRIVER_SHIM_H
#define DRIVER_SHIM_H

#include <stdint.h>

/* Files of beats, the chance of a stall on either side of the video, and the seed of all chances. */
void shim_open(const char *input, const char *output, double stall, uint64_t seed);
void shim_close(void);

/* Bus accesses: what they return is the answer, 0 for OKAY and 2 for SLVERR. */
uint32_t shim_write(uintptr_t base, uint32_t offset, uint32_t word);
uint32_t shim_read(uintptr_t base, uint32_t offset, uint32_t *word);

/* Queues the input's next frame, and expects one of the output's size for it; none of height 0. */
void shim_send(uint32_t width, uint32_t height, uint32_t output_width, uint32_t output_height);

/* Lets all frames come out that are queued, and nothing after them. */
void shim_drain(void);

void shim_wait(uint32_t cycles);
int shim_interrupt(void);

#endif
