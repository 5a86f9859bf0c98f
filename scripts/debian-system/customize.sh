#!/bin/sh
# A hook of mmdebstrap: turns the installed packages into a system that boots, and adds a repository of further packages.
#
#     customize.sh ROOT FILES UUID PACKAGE...
#
# ROOT is the system's folder, FILES the folder of files to add, UUID that of the root file system. PACKAGEs and what
# they depend on are downloaded, not installed: the systems have no network, and apt installs them from a folder.
set -eu
root=$1 files=$2 uuid=$3
shift 3

say() { printf 'system: %s\n' "$*" >&2; }

download_packages() {
  say "downloading $* for the repository of the system"
  rm -f "$root"/var/cache/apt/archives/*.deb
  chroot "$root" apt-get -qq install --download-only --no-install-recommends "$@"
  # The installed kernel, so that a test can install it again.
  kernel=$(chroot "$root" dpkg-query -W -f '${binary:Package}\n' 'linux-image-[0-9]*' | head -n 1)
  chroot "$root" apt-get -qq install --download-only --reinstall "$kernel"
  mkdir -p "$root/srv/packages"
  mv "$root"/var/cache/apt/archives/*.deb "$root/srv/packages/"
}

# As dpkg-scanpackages does, which is in Debian's compiler packages.
write_index() {
  cd "$root/srv/packages"
  for deb in *.deb; do
    dpkg-deb -f "$deb"
    printf 'Filename: ./%s\nSize: %s\nSHA256: %s\n\n' "$deb" "$(stat -c %s "$deb")" "$(sha256sum "$deb" | cut -d ' ' -f 1)"
  done > Packages
  cd - > /dev/null
}

# apt of the system knows the folder alone. Its lists are kept: reading them anew takes an emulated CPU several seconds.
use_repository() {
  rm -rf "$root"/etc/apt/sources.list "$root"/etc/apt/sources.list.d/*
  rm -f "$root"/etc/apt/apt.conf.d/99mmdebstrap "$root"/etc/dpkg/dpkg.cfg.d/99mmdebstrap
  rm -rf "$root"/var/lib/apt/lists/* "$root"/var/cache/apt/*.bin
  cat > "$root/etc/apt/sources.list.d/packages.sources" <<END
Types: deb
URIs: file:/srv/packages
Suites: ./
Trusted: yes
END
  chroot "$root" apt-get -qq update
}

configure_system() {
  cp -R "$files/." "$root/"
  echo debian > "$root/etc/hostname"
  printf '127.0.0.1 localhost\n127.0.1.1 debian\n::1 localhost\n' > "$root/etc/hosts"
  printf 'UUID=%s / ext4 errors=remount-ro 0 1\n' "$uuid" > "$root/etc/fstab"
  rm -f "$root"/etc/ssh/ssh_host_* "$root/etc/resolv.conf"
  # Where it exists, the journal survives a boot.
  mkdir -p "$root/var/log/journal"
  chroot "$root" systemctl --quiet enable systemd-networkd.service ssh-host-key.service
  chroot "$root" systemctl --quiet disable systemd-networkd-wait-online.service
}

download_packages "$@"
write_index
use_repository
configure_system
say 'packing the files'
