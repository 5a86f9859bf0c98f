#!/bin/busybox sh
# The init of the oracle for crashes, and of the capture kernel (crash.ts): runs /share/$stage.sh, writes its output to
# /share/$stage.out, and powers off. The stage is an argument of the kernel's command line, which the kernel passes to
# init in its environment: "stage=crash", "stage=capture".
#
# /share and /tools are 9p shares with these names; /tools contains the file tree with Node and kexec-file.

/bin/busybox mkdir -p /proc /sys /share /tools /tmp
/bin/busybox --install -s /bin
ln -s /tools/usr /usr
ln -s usr/lib /lib
export PATH=/bin:/usr/bin
mount -t proc proc /proc
mount -t sysfs sysfs /sys
mount -t debugfs debugfs /sys/kernel/debug
mount -t devtmpfs dev /dev
mount -t tmpfs tmpfs /tmp
mount -t 9p -o trans=virtio,version=9p2000.L,msize=524288,cache=loose,ro tools /tools || poweroff -f
mount -t 9p -o trans=virtio,version=9p2000.L,msize=524288 share /share || poweroff -f

cd /share || poweroff -f
sh -eu "$stage.sh" >"$stage.out" 2>&1
echo "ended with $?" >>"$stage.out"
sync
poweroff -f
