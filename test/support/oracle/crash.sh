#!/bin/busybox sh
# The first program of the oracle that is to crash, and then of the capture kernel (crash.ts): runs /share/$stage.sh,
# whose output goes to /share/$stage.out, and powers off. The stage comes from the kernel's command line, which becomes
# init's environment: "stage=crash", "stage=capture".
#
# /share and /tools are 9p shares of these names; /tools has the file tree with Node and kexec-file.

/bin/busybox mkdir -p /proc /sys /share /tools /tmp
/bin/busybox --install -s /bin
ln -s /tools/usr /usr
ln -s usr/lib /lib
export PATH=/bin:/usr/bin
mount -t proc proc /proc
mount -t sysfs sysfs /sys
mount -t debugfs debugfs /sys/kernel/debug
mount -t tmpfs tmpfs /tmp
mount -t 9p -o trans=virtio,version=9p2000.L,msize=524288,cache=loose,ro tools /tools || poweroff -f
mount -t 9p -o trans=virtio,version=9p2000.L,msize=524288 share /share || poweroff -f

cd /share || poweroff -f
sh -eu "$stage.sh" >"$stage.out" 2>&1
echo "ended with $?" >>"$stage.out"
sync
poweroff -f
