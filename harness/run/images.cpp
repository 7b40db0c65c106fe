#include "harness/run/images.h"

#define IMAGE(name)                                                                                      \
  extern "C" const unsigned char ipcvet_image_##name[], ipcvet_image_##name##_end[]; /* gen_images.py */ \
  std::span<const unsigned char> ipcvet::embedded_##name() { return {ipcvet_image_##name, ipcvet_image_##name##_end}; }

IMAGE(actor)
IMAGE(actor_i386)
IMAGE(actor_musl)
