// SPDX-License-Identifier: Apache-2.0
package reflux.deploy.bench;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class FittingRowsTest {
    private static final long GIB = 1L << 30;

    @Test
    void muchMemory_isEnoughForAllRows() {
        assertThat(FittingRows.of(2048, 49_152, 576, 64 * GIB)).isEqualTo(2048);
    }

    @Test
    void littleMemory_isEnoughForAPowerOfTwo() {
        int rows = FittingRows.of(2048, 151_936, 576, 8 * GIB);

        assertThat(rows).isEqualTo(1024);
    }

    @Test
    void noMemory_leavesOneRow() {
        assertThat(FittingRows.of(2048, 151_936, 576, 0)).isEqualTo(1);
    }
}
