package org.megalab;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.extension.ConditionEvaluationResult;
import org.junit.jupiter.api.extension.ExecutionCondition;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.extension.ExtensionContext;

/** Tests that need a GPU: they have the tag gpu, and are skipped aloud where there is none. */
@Tag("gpu")
@ExtendWith(OnGpu.Condition.class)
@Target(ElementType.TYPE)
@Retention(RetentionPolicy.RUNTIME)
public @interface OnGpu {

  /** Asks for the GPU. */
  final class Condition implements ExecutionCondition {
    @Override
    public ConditionEvaluationResult evaluateExecutionCondition(ExtensionContext context) {
      if (context.getTestMethod().isPresent()) {
        return ConditionEvaluationResult.enabled("asked for the class");
      }
      return Gpu.missing()
          .map(
              reason -> {
                System.out.println(context.getDisplayName() + " is skipped: " + reason);
                return ConditionEvaluationResult.disabled(reason);
              })
          .orElse(ConditionEvaluationResult.enabled("there is a GPU"));
    }
  }
}
