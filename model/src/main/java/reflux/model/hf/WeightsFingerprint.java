// SPDX-License-Identifier: Apache-2.0
package reflux.model.hf;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Comparator;
import java.util.HexFormat;
import java.util.List;
import reflux.model.safetensors.TensorInfo;
import reflux.model.safetensors.TensorSource;

/** Tells whether two model directories hold the same weights, however they are split into files. */
public final class WeightsFingerprint {
    private static final int PART_BYTES = 4 << 20;

    private WeightsFingerprint() {}

    /** SHA-256, in hexadecimal, over name, type, shape and data of all tensors by name. Reads everything: about a second a GB. */
    public static String of(TensorSource source) {
        MessageDigest digest = sha256();
        ByteBuffer part = ByteBuffer.allocate(PART_BYTES);
        List<TensorInfo> infos = source.tensors().stream()
                .sorted(Comparator.comparing(TensorInfo::name))
                .toList();
        for (TensorInfo info : infos) {
            String line = info.name() + " " + info.type() + " " + info.shape() + "\n";
            digest.update(line.getBytes(StandardCharsets.UTF_8));
            for (long at = 0; at < info.bytes(); at += PART_BYTES) {
                source.read(info.name(), at, part.clear().limit((int) Math.min(PART_BYTES, info.bytes() - at)));
                digest.update(part.flip());
            }
        }
        return HexFormat.of().formatHex(digest.digest());
    }

    private static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("this Java has no SHA-256", e);
        }
    }
}
