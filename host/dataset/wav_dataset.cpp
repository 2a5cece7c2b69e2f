// Sound: one WAV per sample. Values stay as the file has them: int16 for 16 bits, int32 for 24 and 32 bits
// (24 bits lie in -2^23 .. 2^23 - 1), uint8 for 8 bits (silence is 128), float32 for float. Shape: frames x
// channels.
#include <fmt/format.h>
#include <sndfile.h>

#include <algorithm>
#include <cstring>
#include <memory>

#include "config/profile.pb.h"
#include "dataset/formats.h"
#include "dataset/sample_files.h"
#include "dataset/sources.h"

namespace assay::dataset {
namespace {

struct Close {
  void operator()(SNDFILE* file) const { sf_close(file); }
};

// libsndfile reads what is there: that a file was cut, only its headers tell.
class Chunks {
 public:
  Chunks(std::span<const uint8_t> bytes, std::string where) : bytes_(bytes), where_(std::move(where)) {}

  Status check() const {
    if (bytes_.size() < 12 || !is("RIFF", 0) || !is("WAVE", 8))
      return malformed("no RIFF/WAVE header at byte 0");
    for (size_t at = 12; at + 8 <= bytes_.size();) {
      const size_t size = word(at + 4);
      if (is("data", at)) return check_data(at, size);
      at += 8 + size + (size & 1);
    }
    return malformed(fmt::format("no data chunk in {} bytes", bytes_.size()));
  }

 private:
  Status check_data(size_t at, size_t size) const {
    const size_t left = bytes_.size() - at - 8;
    if (size <= left) return {};
    return malformed(
        fmt::format("cut off: the data chunk at byte {} states {} bytes, the file has {}", at, size, left));
  }
  bool is(const char* name, size_t at) const { return std::memcmp(bytes_.data() + at, name, 4) == 0; }
  size_t word(size_t at) const {
    return bytes_[at] | size_t{bytes_[at + 1]} << 8 | size_t{bytes_[at + 2]} << 16 |
           size_t{bytes_[at + 3]} << 24;
  }
  tl::unexpected<Error> malformed(std::string what) const {
    return fail("dataset.malformed", std::move(what), where_, "Record or copy the file again.");
  }

  std::span<const uint8_t> bytes_;
  std::string where_;
};

// The file as libsndfile's own file interface, so that what was checked is what is read.
struct Memory {
  std::span<const uint8_t> bytes;
  sf_count_t at = 0;
};
sf_count_t length(void* user) { return static_cast<sf_count_t>(static_cast<Memory*>(user)->bytes.size()); }
sf_count_t tell(void* user) { return static_cast<Memory*>(user)->at; }
sf_count_t seek(sf_count_t offset, int whence, void* user) {
  auto& memory = *static_cast<Memory*>(user);
  const sf_count_t base = whence == SEEK_SET ? 0 : whence == SEEK_CUR ? memory.at : length(user);
  memory.at = std::clamp<sf_count_t>(base + offset, 0, length(user));
  return memory.at;
}
sf_count_t read(void* into, sf_count_t count, void* user) {
  auto& memory = *static_cast<Memory*>(user);
  const sf_count_t got = std::clamp<sf_count_t>(count, 0, length(user) - memory.at);
  std::memcpy(into, memory.bytes.data() + memory.at, static_cast<size_t>(got));
  memory.at += got;
  return got;
}

template <class T, sf_count_t (*read_items)(SNDFILE*, T*, sf_count_t), int shift = 0>
bool read_as(SNDFILE* file, size_t items, std::vector<uint8_t>& bytes) {
  std::vector<T> values(items);
  if (read_items(file, values.data(), static_cast<sf_count_t>(items)) != static_cast<sf_count_t>(items))
    return false;
  if constexpr (shift > 0)
    for (T& value : values) value >>= shift;
  bytes.resize(items * sizeof(T));
  std::memcpy(bytes.data(), values.data(), bytes.size());
  return true;
}
sf_count_t read_unsigned(SNDFILE* file, uint8_t* into, sf_count_t items) {
  return sf_read_raw(file, into, items);
}

struct Encoding {
  int subtype;
  ElementType type;
  bool (*read)(SNDFILE* file, size_t items, std::vector<uint8_t>& bytes);
};
constexpr Encoding kEncodings[] = {
    {SF_FORMAT_PCM_16, ElementType::kInt16, read_as<short, sf_read_short>},
    {SF_FORMAT_PCM_24, ElementType::kInt32, read_as<int, sf_read_int, 8>},
    {SF_FORMAT_PCM_32, ElementType::kInt32, read_as<int, sf_read_int>},
    {SF_FORMAT_PCM_U8, ElementType::kUint8, read_as<uint8_t, read_unsigned>},
    {SF_FORMAT_FLOAT, ElementType::kFloat32, read_as<float, sf_read_float>},
};

Result<const Encoding*> encoding_of(int format, const std::string& where) {
  for (const Encoding& encoding : kEncodings) {
    if (encoding.subtype == (format & SF_FORMAT_SUBMASK)) return &encoding;
  }
  SF_FORMAT_INFO info{format & SF_FORMAT_SUBMASK, nullptr, nullptr};
  sf_command(nullptr, SFC_GET_FORMAT_INFO, &info, sizeof info);
  return fail("dataset.type",
              fmt::format("sound encoded as {} is not read", info.name ? info.name : "something unknown"),
              where, "Convert the file to 16, 24 or 32 bits or float.");
}

class WavReader {
 public:
  WavReader(const config::Data& data, Stored& stored) : data_(data), stored_(stored) {}

  Status add(const SampleFile& sample) {
    const std::string where = sample.path.string();
    ASSAY_TRY(const auto bytes, read_unchanged(sample.path));
    ASSAY_CHECK(Chunks(bytes, where).check());
    Memory memory{bytes};
    SF_VIRTUAL_IO io{length, seek, read, nullptr, tell};
    SF_INFO info{};
    const std::unique_ptr<SNDFILE, Close> file(sf_open_virtual(&io, SFM_READ, &info, &memory));
    if (!file)
      return fail("dataset.malformed", fmt::format("no readable WAV: {}", sf_strerror(nullptr)), where,
                  "Record or copy the file again.");
    ASSAY_TRY(const Encoding* encoding, encoding_of(info.format, where));
    ASSAY_CHECK(check_uniform(info, *encoding, where));
    const size_t items = static_cast<size_t>(info.frames) * static_cast<size_t>(info.channels);
    if (info.frames <= 0 || items > bytes.size())
      return fail("dataset.malformed",
                  fmt::format("the file states {} frames of {} channels in {} bytes", info.frames,
                              info.channels, bytes.size()),
                  where);
    std::vector<uint8_t> values;
    if (!encoding->read(file.get(), items, values))
      return fail("dataset.malformed",
                  fmt::format("fewer than the {} frames that the file states", info.frames), where);
    return stored_.add_sample(sample.id, {1, info.frames, info.channels}, values);
  }

 private:
  // One type, rate and number of channels, which the first file sets.
  Status check_uniform(const SF_INFO& info, const Encoding& encoding, const std::string& where) {
    const double declared = data_.rate_hz();
    if (declared > 0 && declared != info.samplerate)
      return fail("dataset.rate",
                  fmt::format("sampled at {} Hz, [data] says {} Hz", info.samplerate, declared), where);
    if (stored_.ids.empty()) {
      stored_.inputs.info.type = encoding.type;
      stored_.rate_hz = info.samplerate;
      channels_ = info.channels;
    }
    if (info.samplerate != stored_.rate_hz)
      return fail(
          "dataset.rate",
          fmt::format("sampled at {} Hz, the files before at {} Hz", info.samplerate, stored_.rate_hz),
          where);
    if (encoding.type != stored_.inputs.info.type)
      return fail("dataset.type",
                  fmt::format("{} samples, the files before have {}", element_name(encoding.type),
                              element_name(stored_.inputs.info.type)),
                  where, "Convert all files to one encoding.");
    if (info.channels != channels_)
      return fail("dataset.shape",
                  fmt::format("{} channels, the files before have {}", info.channels, channels_), where,
                  "Convert all files to one number of channels.");
    return {};
  }

  const config::Data& data_;
  Stored& stored_;
  int channels_ = 0;
};

}  // namespace

Result<Stored> read_wav_dataset(const config::Data& data) {
  ASSAY_TRY(SampleFiles list, list_samples(data, {.extensions = ".wav .wave"}));
  Stored stored;
  stored.kind = "audio";
  take_facts(list, stored);
  WavReader reader(data, stored);
  for (const SampleFile& file : list.files) ASSAY_CHECK(reader.add(file));
  return stored;
}

}  // namespace assay::dataset
