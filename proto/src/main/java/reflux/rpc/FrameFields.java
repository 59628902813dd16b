// SPDX-License-Identifier: Apache-2.0
package reflux.rpc;

import com.google.protobuf.Descriptors.Descriptor;
import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.Descriptors.FieldDescriptor.JavaType;
import com.google.protobuf.Message;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import reflux.v1.TensorFrame;

/** The fields of a message type that hold a tensor frame, by number: those of its one oneof, since a message says one thing. */
final class FrameFields {
    private final Map<Integer, FieldDescriptor> fields = new HashMap<>();

    FrameFields(Descriptor type) {
        for (FieldDescriptor field : type.getFields()) {
            boolean isFrame = field.getJavaType() == JavaType.MESSAGE
                    && field.getMessageType().equals(TensorFrame.getDescriptor())
                    && !field.isRepeated();
            if (isFrame) {
                fields.put(field.getNumber(), field);
            }
        }
    }

    boolean isEmpty() {
        return fields.isEmpty();
    }

    /** The field of this number, if a frame goes there. */
    @Nullable
    FieldDescriptor get(int number) {
        return fields.get(number);
    }

    /** The field that holds this message's frame; null if it carries something else. */
    @Nullable
    FieldDescriptor set(Message message) {
        for (FieldDescriptor field : fields.values()) {
            if (message.hasField(field)) {
                return field;
            }
        }
        return null;
    }
}
