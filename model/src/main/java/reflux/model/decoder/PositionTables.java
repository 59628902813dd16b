// SPDX-License-Identifier: Apache-2.0
package reflux.model.decoder;

import org.jspecify.annotations.Nullable;
import reflux.model.engine.DataType;
import reflux.model.engine.Scope;
import reflux.model.engine.TensorList;

/** A family's tables, made for as many positions as were needed so far: a long context would cost a great deal up front. */
final class PositionTables {
    private static final int FIRST_POSITIONS = 1024;

    private final Scope parent;
    private final Family family;
    private final DataType type;
    private @Nullable Scope scope;
    private @Nullable TensorList tables;
    private int positions;

    PositionTables(Scope parent, Family family, DataType type) {
        this.parent = parent;
        this.family = family;
        this.type = type;
    }

    TensorList upTo(int wanted) {
        TensorList known = tables;
        if (known != null && wanted <= positions) {
            return known;
        }
        if (scope != null) {
            scope.close();
        }
        int room = Math.max(FIRST_POSITIONS, Integer.highestOneBit(wanted) * 2);
        positions = Math.min(family.config().contextLength(), room);
        Scope memory = parent.child();
        TensorList made = memory.own(TensorList.of(family.tables(memory, type, positions)));
        scope = memory;
        tables = made;
        return made;
    }
}
