#!/bin/sh
# How fast a virtual board is under OpenOCD: phases in ms and rates, as a small table. Not a test: figures depend on the
# computer and on what else runs on it.
# Usage: tests/bench/vboard_rates.sh [build/bin] [exact|realtime]
set -eu
bin=${1:-build/bin}
mode=${2:-exact}
folder=$(mktemp -d)
trap 'kill "$board" 2>/dev/null || true; rm -rf "$folder"' EXIT INT TERM

arm-none-eabi-gcc -nostdlib -Wl,-Ttext=0xc0 -Wl,--section-start=.vectors=0 -Wl,-e,0xc1 -o "$folder/firmware.elf" \
  "$(dirname "$0")/../vboard/firmware.S"
head -c 262144 /dev/urandom >"$folder/plan.bin"
"$bin/assay-vboard" start --board mps2-an386 --state "$folder/unit" --mode "$mode" >"$folder/ready" &
board=$!
while [ ! -s "$folder/ready" ]; do
  kill -0 "$board" 2>/dev/null || { echo "the board did not start" >&2; exit 1; }
  sleep 0.02
done
port=$(sed 's/.*"stlink_port":\([0-9]*\).*/\1/' "$folder/ready")

cat >"$folder/bench.cfg" <<TCL
adapter driver st-link
st-link backend tcp $port
st-link vid_pid 0x0483 0x374f
transport select dapdirect_swd
adapter speed 24000
swd newdap virt cpu -expected-id 0x2ba01477
dap create virt.dap -chain-position virt.cpu
target create virt.cpu cortex_m -dap virt.dap -ap-num 0 -work-area-phys 0x20380000 -work-area-size 0x4000
cortex_m reset_config sysresetreq
gdb_port disabled
tcl_port disabled
telnet_port disabled
proc phase {name rounds script} {
  set times {}
  for {set i 0} {\$i < \$rounds} {incr i} {
    set start [clock microseconds]
    uplevel #0 \$script
    lappend times [expr {[clock microseconds] - \$start}]
  }
  set median [lindex [lsort -integer \$times] [expr {\$rounds / 2}]]
  echo "RATE [format {%-42s %8.1f ms} \$name [expr {\$median / 1000.0}]]"
}
phase "init" 1 { init }
halt
phase "load_image, small" 5 { load_image $folder/firmware.elf }
phase "verify_image, small (checksum on the board)" 5 { verify_image $folder/firmware.elf }
phase "reset halt" 5 { reset halt }
phase "step" 5 { step }
resume
phase "halt" 5 { halt; resume }
phase "read a word while running" 5 { read_memory 0x20000000 32 1 }
halt
phase "write 256 KiB" 5 { load_image $folder/plan.bin 0x200000 bin }
phase "read 256 KiB" 5 { dump_image $folder/back.bin 0x200000 262144 }
phase "verify 256 KiB (checksum on the board)" 3 { verify_image $folder/plan.bin 0x200000 bin }
virt.cpu configure -work-area-size 0
phase "verify 256 KiB (read back)" 5 { verify_image $folder/plan.bin 0x200000 bin }
shutdown
TCL
openocd -f "$folder/bench.cfg" 2>&1 | sed -n 's/^RATE //p'
cmp "$folder/plan.bin" "$folder/back.bin"
