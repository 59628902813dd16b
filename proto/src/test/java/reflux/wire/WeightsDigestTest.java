// SPDX-License-Identifier: Apache-2.0
package reflux.wire;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class WeightsDigestTest {
    private static final int PIECE = 256 << 10;

    private final ByteBuffer tensor = random(2 * PIECE + 7, 1);
    private final ByteBuffer other = random(5, 2);

    @Test
    void digest_isSha256OfThePiecesSums() throws Exception {
        ByteArrayOutputStream sums = new ByteArrayOutputStream();
        for (ByteBuffer piece : List.of(
                tensor.slice(0, PIECE), tensor.slice(PIECE, PIECE), tensor.slice(2 * PIECE, 7), other.slice(0, 5))) {
            int sum = crc32cBitByBit(piece);
            for (int shift = 0; shift < 32; shift += 8) {
                sums.write(sum >>> shift);
            }
        }

        byte[] expected = MessageDigest.getInstance("SHA-256").digest(sums.toByteArray());
        assertThat(WeightsDigest.of(List.of(tensor, other))).isEqualTo(expected);
        assertThat(tensor.position()).isZero();
    }

    @Test
    void anyChangedBit_changesTheDigest() {
        byte[] before = WeightsDigest.of(List.of(tensor, other));
        Random random = new Random(3);
        for (int i = 0; i < 50; i++) {
            int at = random.nextInt(tensor.limit());
            byte bit = (byte) (1 << random.nextInt(8));
            tensor.put(at, (byte) (tensor.get(at) ^ bit));
            assertThat(WeightsDigest.of(List.of(tensor, other))).isNotEqualTo(before);
            tensor.put(at, (byte) (tensor.get(at) ^ bit));
        }
        assertThat(WeightsDigest.of(List.of(tensor, other))).isEqualTo(before);
    }

    @Test
    void directMemoryAndOrder_count() {
        ByteBuffer direct = ByteBuffer.allocateDirect(tensor.limit())
                .put(tensor.duplicate())
                .flip();

        assertThat(WeightsDigest.of(List.of(direct, other))).isEqualTo(WeightsDigest.of(List.of(tensor, other)));
        assertThat(WeightsDigest.of(List.of(other, tensor))).isNotEqualTo(WeightsDigest.of(List.of(tensor, other)));
        List<ByteBuffer> withEmpty = new ArrayList<>(List.of(tensor, ByteBuffer.allocate(0), other));
        assertThat(WeightsDigest.of(withEmpty)).isEqualTo(WeightsDigest.of(List.of(tensor, other)));
    }

    /** Polynomial 0x1EDC6F41, reflected (RFC 3720, appendix B.4). */
    private static int crc32cBitByBit(ByteBuffer bytes) {
        int crc = -1;
        for (int i = bytes.position(); i < bytes.limit(); i++) {
            crc ^= bytes.get(i) & 0xff;
            for (int bit = 0; bit < 8; bit++) {
                crc = (crc >>> 1) ^ ((crc & 1) == 0 ? 0 : 0x82F63B78);
            }
        }
        return ~crc;
    }

    private static ByteBuffer random(int bytes, long seed) {
        byte[] content = new byte[bytes];
        new Random(seed).nextBytes(content);
        return ByteBuffer.wrap(content);
    }
}
