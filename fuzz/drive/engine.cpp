#include "fuzz/drive/engine.h"

namespace ipcvet::fuzz {

namespace {
constexpr size_t most_kept = 4096;
}

Program Engine::next() {
  if (replayed_ < given_) return corpus_[replayed_++];
  if (corpus_.empty() || random_.chance(20)) return generate(taste_, random_);
  const Program &base = corpus_[random_.below(corpus_.size())];
  if (corpus_.size() > 1 && random_.chance(20))
    return crossed(base, corpus_[random_.below(corpus_.size())], taste_, random_);
  return mutated(base, taste_, random_);
}

bool Engine::learn(const Program &program, const std::vector<uint64_t> &features) {
  bool fresh = false;
  for (const uint64_t f : features) fresh = seen_.insert(f).second || fresh;
  if (fresh && corpus_.size() < most_kept && replayed_ >= given_) corpus_.push_back(program);
  return fresh;
}

}  // namespace ipcvet::fuzz
