#!/usr/bin/env bash
# A toolchain for Buildroot out of Debian 12's cross compiler: toolchain.sh DIR. Instead of Bootlin's, where that is out
# of reach. apt fetches the packages; nothing is installed but in DIR. The assembler and the linker are the machine's.
set -euo pipefail
dir=${1:?usage: toolchain.sh DIR}
triple=aarch64-linux-gnu
gcc=12
packages=(
    "gcc-$gcc-$triple" "g++-$gcc-$triple" "cpp-$gcc-$triple"
    "libgcc-$gcc-dev-arm64-cross" "libstdc++-$gcc-dev-arm64-cross" libgcc-s1-arm64-cross libstdc++6-arm64-cross
    libc6-arm64-cross libc6-dev-arm64-cross linux-libc-dev-arm64-cross
    libgomp1-arm64-cross libatomic1-arm64-cross libitm1-arm64-cross
)

if [ -x "$dir/bin/$triple-gcc" ]; then exit; fi
[ -x "/usr/bin/$triple-as" ] || { printf 'substitutes: install binutils-%s\n' "$triple" >&2; exit 69; }
rm -rf "$dir"
mkdir -p "$dir/debs" "$dir/bin" "$dir/sysroot/usr"
(cd "$dir/debs" && apt-get -q download "${packages[@]}")
for deb in "$dir"/debs/*.deb; do dpkg-deb -x "$deb" "$dir/unpacked"; done

# The C library becomes a sysroot of its own. C++ headers stay: the compiler finds those beside itself.
cross=$dir/unpacked/usr/$triple
sysroot=$dir/sysroot
mkdir "$sysroot/usr/include"
mv "$cross/lib" "$sysroot/usr/lib"
ln -s usr/lib "$sysroot/lib"
find "$cross/include" -mindepth 1 -maxdepth 1 ! -name 'c++' -exec mv -t "$sysroot/usr/include" {} +
sed -i "s,/usr/$triple/lib,/usr/lib,g" "$sysroot/usr/lib/libc.so"
own=$dir/unpacked/usr/lib/gcc-cross/$triple/$gcc
for library in stdc++ gomp atomic itm; do
    file=$(find "$sysroot/usr/lib" -name "lib$library.so.[0-9]" -printf '%f\n')
    ln -sf "$sysroot/usr/lib/$file" "$own/lib$library.so"
done
ln -s "/usr/$triple/bin" "$cross/bin"

for tool in ar as ld ld.bfd nm objcopy objdump ranlib readelf strip size strings addr2line c++filt; do
    ln -s "/usr/bin/$triple-$tool" "$dir/bin/$triple-$tool"
done
for tool in gcc-ar gcc-nm gcc-ranlib; do
    ln -s "$dir/unpacked/usr/bin/$triple-$tool-$gcc" "$dir/bin/$triple-$tool"
done
# Buildroot refuses a distribution's compiler: its libraries would leak into the image. Here the sysroot is private and
# named on every command line, so the words it looks for are taken out of the answer to `gcc -v`.
for name in gcc g++ cpp; do
    cat >"$dir/bin/$triple-$name" <<END
#!/bin/sh
real=$dir/unpacked/usr/bin/$triple-$name-$gcc
if [ "\$#" = 1 ] && [ "\$1" = -v ]; then
    "\$real" --sysroot=$sysroot -v 2>&1 | sed 's,--with-sysroot=/ ,--with-sysroot=$sysroot ,' >&2
    exit
fi
exec "\$real" --sysroot=$sysroot "\$@"
END
    chmod 0755 "$dir/bin/$triple-$name"
done
ln -s "$triple-g++" "$dir/bin/$triple-c++"
rm -rf "$dir/debs"
printf 'int main(void) { return 0; }\n' | "$dir/bin/$triple-gcc" -x c - -o "$dir/probe" && rm "$dir/probe"
