#!/bin/busybox sh
# The init of the oracle for placement (placement.ts): records the machine, makes the requested loads by
# kexec_file_load(2), and records the kernel's log of each.
#
# /share (9p, tag "share") has a folder for each kernel that runs:
#
#   $stage/requests     a line each: FLAGS KERNEL INITRD LENGTH COMMANDLINE; the kernel is a file of /share/files, and so
#                       is the initrd, or it is a number, of zero bytes; LENGTH is that of the command line with its
#                       NUL, or 0 for none
#   $stage/ending       what follows them: "power off", "kexec" (into the kernel that was loaded last) or "crash"
#   $stage/machine.tar  output, by the script that `kexec-file machine collector` prints
#   $stage/answers/     output: for request N (from 1) a file N: the errno or 0, then the kernel's log
#
# The stage is an argument of the kernel's command line, which the kernel passes to init in its environment:
# "stage=second".

export PATH=/bin
/bin/busybox mkdir -p /proc /sys /dev /share /files /tmp
/bin/busybox --install -s /bin
mount -t proc proc /proc
mount -t sysfs sysfs /sys
mount -t debugfs debugfs /sys/kernel/debug
mount -t securityfs securityfs /sys/kernel/security
mount -t tmpfs tmpfs /files
mount -t 9p -o trans=virtio,version=9p2000.L,msize=524288 share /share || poweroff -f

cd "/share/${stage:-first}" || poweroff -f
exec 2>errors
set -u
mkdir answers
sh /collector -o machine.tar

SYS_reboot=142
SYS_kexec_file_load=294
UNLOAD=1
ON_CRASH=2

count=0
while read -r flags kernel initrd length commandline; do
  count=$((count + 1))
  case $initrd in
    [0-9]*) rm -f /files/zeros; truncate -s "$initrd" /files/zeros; initrd=/files/zeros ;;
    *) initrd=/share/files/$initrd ;;
  esac
  syscall $SYS_kexec_file_load -1 -1 0 = $((flags & ON_CRASH | UNLOAD))
  dmesg -c >/dev/null
  syscall $SYS_kexec_file_load 3 4 "$length" "=$commandline" "$flags" \
    3<"/share/files/$kernel" 4<"$initrd"
  echo $? >"answers/$count"
  dmesg >>"answers/$count"
done <requests

case "$(cat ending)" in
  kexec) sync; syscall $SYS_reboot 0xfee1dead 672274793 0x45584543 ;;
  crash) sync; echo c >/proc/sysrq-trigger ;;
esac
poweroff -f
