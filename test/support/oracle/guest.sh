#!/bin/busybox sh
# The init of the oracle for placement (placement.ts): records the machine, makes the requested loads by
# kexec_file_load(2), and records the kernel's log of each.
#
# /share has a folder for each kernel that runs; /platform.sh says how it comes in and out:
#
#   $stage/requests     a line each: FLAGS KERNEL INITRD LENGTH COMMANDLINE; the kernel is a file of /share/files, and so
#                       is the initrd, or it is a number, of zero bytes; LENGTH is that of the command line with its
#                       NUL, or 0 for none
#   $stage/keys         if there are dm-crypt keys for crash kernels, a line each: FOLDER DESCRIPTION; without DESCRIPTION,
#                       the folder has none
#   $stage/ending       what follows them: "power off", "kexec" (into the kernel that was loaded last) or "crash"
#   $stage/machine.tar  output, by the script that `kexec-file machine collector` prints
#   $stage/answers/     output: for request N (from 1) a file N: the errno or 0, then the kernel's log if FLAGS has DEBUG
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
. /platform.sh
open_share || poweroff -f

cd "/share/${stage:-first}" || poweroff -f
exec 2>errors
set -u
mkdir answers

USER_KEYRING=-4
UNLOAD=1
ON_CRASH=2
DEBUG=8

if [ -e keys ]; then
  config=/sys/kernel/config
  mount -t configfs configfs $config
  while read -r folder description; do
    mkdir "$config/crash_dm_crypt_keys/$folder"
    [ -n "$description" ] || continue
    syscall $SYS_add_key =logon "=$description" =0123456789abcdef 16 $USER_KEYRING
    echo "$description" >"$config/crash_dm_crypt_keys/$folder/description"
  done <keys
fi
sh /collector -o machine.tar

count=0
zeros=
while read -r flags kernel initrd length commandline; do
  count=$((count + 1))
  case $initrd in
    [0-9]*)
      if [ "$initrd" != "$zeros" ]; then
        truncate -s "$initrd" /files/zeros
        zeros=$initrd
      fi
      initrd=/files/zeros
      ;;
    *) initrd=/share/files/$initrd ;;
  esac
  if [ $((flags & DEBUG)) != 0 ]; then
    syscall $SYS_kexec_file_load -1 -1 0 = $((flags & ON_CRASH | UNLOAD))
    dmesg -c >/dev/null
  fi
  syscall $SYS_kexec_file_load 3 4 "$length" "=$commandline" "$flags" \
    3<"/share/files/$kernel" 4<"$initrd"
  echo $? >"answers/$count"
  if [ $((flags & DEBUG)) != 0 ]; then
    dmesg >>"answers/$count"
  fi
done <requests

close_share
case "$(cat ending)" in
  kexec) syscall $SYS_reboot 0xfee1dead 672274793 0x45584543 ;;
  crash) echo c >/proc/sysrq-trigger ;;
esac
poweroff -f
