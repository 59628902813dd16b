// SPDX-License-Identifier: Apache-2.0
package reflux.learner.sft;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import org.junit.jupiter.api.Test;

class SavedModelTest {
    @Test
    void bfloat16_roundsToNearestAndTiesToEven() {
        assertThat(rounded(1.0f)).isEqualTo(0x3f80);
        assertThat(rounded(Float.intBitsToFloat(0x3f80_8000))).isEqualTo(0x3f80);
        assertThat(rounded(Float.intBitsToFloat(0x3f81_8000))).isEqualTo(0x3f82);
        assertThat(rounded(Float.intBitsToFloat(0x3f80_8001))).isEqualTo(0x3f81);
        assertThat(rounded(-0.0f)).isEqualTo(0x8000);
        assertThat(rounded(Float.NEGATIVE_INFINITY)).isEqualTo(0xff80);
        assertThat(rounded(Float.MAX_VALUE)).isEqualTo(0x7f80);
    }

    @Test
    void notANumber_staysOne() {
        assertThat(rounded(Float.intBitsToFloat(0x7f80_0001)) & 0x7f).isNotZero();
    }

    private static int rounded(float value) {
        ByteBuffer in = ByteBuffer.allocate(4)
                .order(ByteOrder.LITTLE_ENDIAN)
                .putFloat(value)
                .flip();
        return SavedModel.bfloat16(in).order(ByteOrder.LITTLE_ENDIAN).getShort() & 0xffff;
    }
}
