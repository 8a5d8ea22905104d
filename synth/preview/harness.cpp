// Runs a board's whole top amid models of its surroundings, and writes down its video pins.
//
//   harness JOB EVENTS CAMERA VIDEO OUTPUTS
//
// JOB is text, "name number" a line; times are in one unit, of which nothing but the proportions
// counts:
//
//   samples N   end behind so many samples
//   rate C      sample the video pins behind both edges of this clock of the PLL, 0 to 3
//   halfK T     half a period of the PLL's clock K; 0 where it stands still
//   camera T    half a period of the camera's clock; 0 without a camera
//   address A   of the camera, for writing, on its two wires
//
// EVENTS is text, "sample input value" a line, in the order of time: an input pin changes together
// with the edge before that sample. CAMERA has two bytes for each cycle of the camera's clock: data,
// and VSYNC, HREF and a stopped clock in bits 0 to 2; behind its end the clock stands still. VIDEO
// gets 16 bits a sample. OUTPUTS gets "sample level" whenever one of the other outputs changes.
//
// All clocks start with a rise at 0. Edges at the same time are one evaluation. On standard output:
// "samples so far" now and then.

#include "Core.h"
#include "verilated.h"

#include <algorithm>
#include <cerrno>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <map>
#include <memory>
#include <string>
#include <vector>

namespace {

[[noreturn]] void die(const std::string& what) {
    std::fprintf(stderr, "%s\n", what.c_str());
    std::exit(2);
}

struct File {
    File(const char* path, const char* mode) : handle{std::fopen(path, mode)} {
        if (!handle) die(std::string{"cannot open "} + path);
    }
    ~File() {
        const bool failed = std::ferror(handle) != 0;
        if (std::fclose(handle) != 0 || failed)
            die(std::string{"cannot write: "} + std::strerror(errno));
    }
    std::FILE* handle;
};

using Job = std::map<std::string, uint64_t>;

Job read_job(const char* path) {
    File file{path, "r"};
    Job job;
    char name[64];
    unsigned long long value;
    while (std::fscanf(file.handle, "%63s %llu", name, &value) == 2) job[name] = value;
    return job;
}

struct Event {
    uint64_t sample;
    std::string input;
    uint64_t value;
};

std::vector<Event> read_events(const char* path) {
    File file{path, "r"};
    std::vector<Event> events;
    char input[64];
    unsigned long long sample, value;
    while (std::fscanf(file.handle, "%llu %63s %llu", &sample, input, &value) == 3)
        events.push_back({sample, input, value});
    return events;
}

struct Clock {
    bool due(uint64_t now) const { return half && next == now; }
    uint64_t half = 0, next = 0;
};

// The camera's end of its port: new levels at each fall of its clock, which the other end takes at
// the rise.
class Camera {
  public:
    explicit Camera(const char* path) : file{path, "rb"} { fetch(); }
    void step(Core& core) {
        rising = !rising;
        if (rising) {
            core.camera_clock = there && !(flags & 4);
            return;
        }
        core.camera_clock = 0;
        fetch();
        core.camera_data = data;
        core.camera_vsync = flags & 1;
        core.camera_href = flags >> 1 & 1;
    }

  private:
    void fetch() {
        uint8_t bytes[2] = {0, 0};
        there = std::fread(bytes, 1, 2, file.handle) == 2;
        data = bytes[0];
        flags = bytes[1];
    }
    File file;
    bool there = false, rising = false;
    uint8_t data = 0, flags = 0;
};

// The camera's end of its two wires: it pulls the data line low for the ninth bit of each byte of
// what is for its address. What it was told is in OUTPUTS.
class Listener {
  public:
    explicit Listener(uint64_t address) : address{address} {}
    bool pulls(bool scl, bool sda) {
        if (scl && last_scl && sda != last_sda) {  // a start, or a stop
            listening = !sda;
            first = true;
            bits = byte = pulling = 0;
        } else if (listening && scl && !last_scl) {
            if (bits < 8) byte = byte << 1 | sda;
            ++bits;
        } else if (listening && !scl && last_scl) {
            if (bits == 9) bits = 0;
            if (bits == 8 && first) {
                listening = (byte & 0xFF) == address;
                first = false;
            }
            pulling = listening && bits == 8;
        }
        last_scl = scl;
        last_sda = sda;
        return pulling;
    }

  private:
    uint64_t address, byte = 0;
    unsigned bits = 0;
    bool last_scl = true, last_sda = true, listening = false, first = true, pulling = false;
};

class Bench {
  public:
    Bench(char** paths)
        : job{read_job(paths[0])}, events{read_events(paths[1])}, camera{paths[2]},
          video{paths[3], "wb"}, outputs{paths[4], "w"}, listener{job["address"]},
          context{new VerilatedContext}, core{new Core{context.get(), "core"}} {
        for (unsigned at = 0; at < 4; ++at)
            clocks[at].half = job["half" + std::to_string(at)];
        clocks[4].half = job["camera"];
        if (job["rate"] > 3 || !clocks[job["rate"]].half) die("no such clock to sample with");
    }

    void run() {
        const uint64_t wanted = job["samples"], part = std::min<uint64_t>(wanted / 100 + 1, 1 << 16);
        const Clock& rate = clocks[job["rate"]];
        std::vector<uint16_t> seen;
        while (sample < wanted) {
            uint64_t now = UINT64_MAX;
            for (const Clock& clock : clocks)
                if (clock.half) now = std::min(now, clock.next);
            const bool sampled = rate.due(now);
            if (sampled) apply_events();
            advance(now);
            core->eval();
            if (!sampled) continue;
            seen.push_back(core->video);
            watch();
            if (++sample % part == 0) {
                std::printf("%llu\n", (unsigned long long)sample);
                std::fflush(stdout);
            }
            if (seen.size() == 1 << 16 || sample == wanted) {
                if (std::fwrite(seen.data(), 2, seen.size(), video.handle) != seen.size())
                    die(std::string{"cannot write what was seen: "} + std::strerror(errno));
                seen.clear();
            }
        }
        core->final();
    }

  private:
    void advance(uint64_t now) {
        for (unsigned at = 0; at < 5; ++at) {
            if (!clocks[at].due(now)) continue;
            clocks[at].next += clocks[at].half;
            if (at == 4) camera.step(*core);
            else core->clocks ^= 1u << at;
        }
    }

    void apply_events() {
        for (; event < events.size() && events[event].sample <= sample; ++event) {
            const auto& [when, input, value] = events[event];
            if (input == "locked") core->locked = value;
            else if (input == "rx") core->rx = value;
            else if (input == "buttons") core->buttons = value;
            else die("no input " + input);
        }
    }

    void watch() {
        const unsigned level = core->sda << 3 | core->scl << 2 | core->led << 1 | core->tx;
        if (level == last_level && sample) return;
        last_level = level;
        core->sda_pulled = listener.pulls(core->scl, core->sda);
        std::fprintf(outputs.handle, "%llu %u\n", (unsigned long long)sample, level);
    }

    Job job;
    std::vector<Event> events;
    Camera camera;
    File video, outputs;
    Listener listener;
    std::unique_ptr<VerilatedContext> context;
    std::unique_ptr<Core> core;
    Clock clocks[5];  // the PLL's, and the camera's
    uint64_t sample = 0;
    std::size_t event = 0;
    unsigned last_level = 0;
};

}  // namespace

int main(int argc, char** argv) {
    if (argc != 6) die("harness JOB EVENTS CAMERA VIDEO OUTPUTS");
    Bench{argv + 1}.run();
    return 0;
}
