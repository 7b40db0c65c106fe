#include "harness/model/setting.h"

namespace ipcvet::model {

Setting make_setting(Profile profile, Constants constants) {
  Setting s;
  s.profile = profile;
  s.constants = constants;
#define C(name, group) s.k.name##_ = constants(#name).value_or(INT64_MIN);
#include "harness/mechanism/constants.def"
  const auto take = [](int64_t &limit, int64_t value) {
    if (value > 0) limit = value;
  };
  take(s.limits.page, s.k.PAGE_SIZE_);
  take(s.limits.pipe_buf, s.k.PIPE_BUF_);
  take(s.limits.iov_max, s.k.IOV_MAX_);
  take(s.limits.name_max, s.k.NAME_MAX_);
  take(s.limits.path_max, s.k.PATH_MAX_);
  return s;
}

}  // namespace ipcvet::model
